/* What is typed and not saved outlives a look at another item, in this window alone; the server gets it with a save. */
const hitlTyped = (() => {
  const START = "hitl-typed/";
  const ofItem = (form) => `${START}${form.dataset.reviewer}/${form.dataset.item}/`;
  const nameOf = (form) => `${ofItem(form)}${form.elements.revision.value}`;
  const isOurs = (field) => field.name && !["csrf", "revision", "do"].includes(field.name);

  const forget = (start = START, but = "") => {
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith(start) && name !== but) sessionStorage.removeItem(name);
    } catch { /* no storage: nothing to forget */ }
  };
  const keep = (form) => {
    const said = Object.fromEntries(Array.from(new FormData(form)).filter(([name]) => isOurs({ name })));
    try { sessionStorage.setItem(nameOf(form), JSON.stringify(said)); } catch { /* no storage: as without a script */ }
  };
  const bringBack = (form) => {
    let said = null;
    try { said = JSON.parse(sessionStorage.getItem(nameOf(form))); } catch { return false; }
    if (said === null || typeof said !== "object") return false;
    for (const field of form.elements) {
      if (!isOurs(field) || typeof said[field.name] !== "string") continue;
      if (field.type === "radio") field.checked = field.value === said[field.name];
      else field.value = said[field.name];
    }
    hitlKeys.sum(form);
    return true;
  };
  /* Brings back what was typed, unless the server has just shown it itself; what is saved has a newer revision and no trace here. */
  const watch = (form, mayBringBack) => {
    forget(ofItem(form), nameOf(form));
    form.addEventListener("input", () => keep(form));
    return mayBringBack && bringBack(form);
  };
  return { watch, forget };
})();
