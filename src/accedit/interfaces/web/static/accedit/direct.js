/* What happens in the case while its page is open: said once, politely, at the foot of the window.
   Nothing on the page moves; « Afficher » loads it again. Without this script the page is the same.
   The line is held only while the page is in view. */
"use strict";
(() => {
  const place = document.getElementById("direct");
  if (!place || !window.EventSource) return;
  const address = place.dataset.evenements;
  let since = place.dataset.depuis;
  let line = null;
  const seen = { pieces: 0, personnes: 0, change: false };

  const counted = (count, one, many) => (count === 0 ? "" : count === 1 ? one : `${count} ${many}`);

  function show(words) {
    const text = document.createElement("p");
    const again = document.createElement("a");
    text.textContent = `${words} `;
    again.className = "button";
    again.href = window.location.pathname + window.location.search;
    again.textContent = "Afficher";
    place.replaceChildren(text, again);
  }

  function told(event) {
    const more = JSON.parse(event.data);
    since = event.lastEventId;
    seen.pieces += more.pieces;
    seen.personnes += more.personnes;
    seen.change = seen.change || more.change;
    const words = [
      counted(seen.pieces, "1 nouvelle pièce", "nouvelles pièces"),
      counted(seen.personnes, "1 nouvelle personne", "nouvelles personnes"),
    ].filter(Boolean);
    show(words.length ? `${words.join(", ")}.` : "Le dossier a changé.");
  }

  function open() {
    if (line) return;
    line = new EventSource(`${address}?depuis=${encodeURIComponent(since)}`);
    line.addEventListener("dossier", told);
    line.addEventListener("error", () => {
      if (!line || line.readyState !== EventSource.CLOSED) return;
      line = null;
      show("Cette page ne se tient plus à jour.");
    });
  }

  function close() {
    if (line) line.close();
    line = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", () => document.hidden || open());
  if (!document.hidden) open();
})();
