/* Talks to the device that holds a passkey (WebAuthn), then sends its answer with the form.
   A form says data-passkey="create" or "get"; its options stand in data-options, or come from
   data-options-from. Without this script, or without such a browser, the form stays hidden or a notice stays. */
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const read = ({ publicKey }) => {
    const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
    if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (options[list]) options[list] = options[list].map((one) => ({ ...one, id: bytes(one.id) }));
    }
    return { publicKey: options };
  };

  const told = (found) => {
    const response = { clientDataJSON: text(found.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (found.response[part]) response[part] = text(found.response[part]);
    }
    return JSON.stringify({
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      response,
      clientExtensionResults: found.getClientExtensionResults(),
    });
  };

  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.optionsFrom, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).request_options;
  };

  const words = (fault) =>
    fault.name === "InvalidStateError"
      ? "Cet appareil a déjà une clé pour cet accès : il n’y a rien à faire."
      : "L’appareil n’a pas répondu, ou vous avez renoncé. Vous pouvez recommencer.";

  for (const notice of document.querySelectorAll("[data-no-passkey]")) notice.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    for (const part of [form, form.closest("[data-passkey-place]")]) if (part) part.hidden = false;
    const error = form.querySelector("[data-passkey-error]");
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      error.hidden = true;
      try {
        const options = read(await optionsOf(form));
        const found = await (form.dataset.passkey === "create"
          ? navigator.credentials.create(options)
          : navigator.credentials.get(options));
        form.elements.credential.value = told(found);
        form.submit();
      } catch (fault) {
        error.textContent = words(fault);
        error.hidden = false;
      }
    });
  }
})();
