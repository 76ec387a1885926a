/* An address chosen in the directory fills the name and the firm, where nothing was typed. */
"use strict";
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches("input[list=annuaire]")) return;
  const known = [...document.querySelectorAll("#annuaire option")].find(
    (option) => option.value === field.value.trim().toLowerCase(),
  );
  if (!known) return;
  for (const part of ["name", "firm"]) {
    const other = document.getElementById(field.id.replace(/-email$/, `-${part}`));
    if (other && !other.value.trim()) other.value = known.dataset[part];
  }
});
