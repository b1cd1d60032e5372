// Lets people see the password they type. Without this script the button stays hidden.
"use strict";

function show(button, field, shown) {
  field.type = shown ? "text" : "password";
  for (const words of button.querySelectorAll("[data-when]")) {
    words.hidden = (words.dataset.when === "shown") !== shown;
  }
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => show(button, field, field.type === "password"));
  // What is sent is a password again: browsers keep no history of those.
  field.form.addEventListener("submit", () => show(button, field, false));
}
