// Passkeys: asks the server what to ask, the browser for an answer, and posts it with the form.
// [data-passkey] is "sign-in" or "register", and holds the form, whose field `credential` it fills,
// and an element [data-passkey-error]. data-options is where to ask; its words for what can go wrong
// are in data-failed, data-cancelled and, of a device that is registered already, data-known.
"use strict";

(() => {
  const decoded = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0)).buffer;
  };

  const encoded = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const described = (known) => (known || []).map((one) => ({ ...one, id: decoded(one.id) }));

  const toCreate = (options) =>
    PublicKeyCredential.parseCreationOptionsFromJSON
      ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
      : {
          ...options,
          challenge: decoded(options.challenge),
          user: { ...options.user, id: decoded(options.user.id) },
          excludeCredentials: described(options.excludeCredentials),
        };

  const toGet = (options) =>
    PublicKeyCredential.parseRequestOptionsFromJSON
      ? PublicKeyCredential.parseRequestOptionsFromJSON(options)
      : {
          ...options,
          challenge: decoded(options.challenge),
          allowCredentials: described(options.allowCredentials),
        };

  const byHand = (credential) => {
    const response = {};
    for (const name of [
      "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle",
    ]) {
      if (credential.response[name]) response[name] = encoded(credential.response[name]);
    }
    return {
      id: credential.id,
      rawId: encoded(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  // Some extensions in browsers answer with objects that have a toJSON which fails.
  const written = (credential) => {
    try {
      return JSON.stringify(credential.toJSON());
    } catch {
      return JSON.stringify(byHand(credential));
    }
  };

  class Told extends Error {}

  const asked = async (form, address) => {
    const sent = new URLSearchParams();
    for (const name of ["form", "current"]) {
      if (form.elements[name]) sent.set(name, form.elements[name].value);
    }
    const answer = await fetch(address, { method: "POST", body: sent, redirect: "error" });
    const isJson = (answer.headers.get("content-type") || "").startsWith("application/json");
    const said = isJson ? await answer.json() : {};
    if (!answer.ok) throw new Told(said.message || "");
    return said;
  };

  const shown = async (kind, options) => {
    const credentials = navigator.credentials;
    return kind === "register"
      ? credentials.create({ publicKey: toCreate(options) })
      : credentials.get({ publicKey: toGet(options) });
  };

  const why = (part, error) => {
    if (error instanceof Told && error.message) return error.message;
    const words = {
      NotAllowedError: part.dataset.cancelled,
      AbortError: part.dataset.cancelled,
      InvalidStateError: part.dataset.known,
    };
    return words[error.name] || part.dataset.failed || "";
  };

  const watch = (part) => {
    const form = part.querySelector("form");
    const alarm = part.querySelector("[data-passkey-error]");
    const button = form.querySelector("button:not([data-reveal])");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      alarm.hidden = true;
      alarm.textContent = "";
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
      try {
        const options = await asked(form, part.dataset.options);
        const credential = await shown(part.dataset.passkey, options);
        form.elements.credential.value = written(credential);
        form.submit();
      } catch (error) {
        alarm.hidden = false;
        alarm.textContent = why(part, error);
        button.disabled = false;
        button.focus();
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
    part.hidden = false;
  };

  if (window.PublicKeyCredential && navigator.credentials) {
    document.querySelectorAll("[data-passkey]").forEach(watch);
  }
})();
