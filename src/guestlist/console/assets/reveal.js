// Lets people see the password they type, and sends a form once. Without this script the button
// stays hidden, and the server tells a second click what the first one did.
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

const AGAIN_MS = 5000;

document.addEventListener("submit", (event) => {
  // Another script, such as the passkeys', sends it later.
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, AGAIN_MS);
});

// A page that comes back out of the browser's memory was sent before.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
