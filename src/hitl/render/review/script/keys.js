"use strict";
/* Keys of an item: every one presses what a pointer could press too. Switched off, all of it works without them. */
const hitlKeys = (() => {
  const STORE = "hitl-review-keys";
  const remembered = () => {
    try { return localStorage.getItem(STORE) !== "off"; } catch { return true; }
  };
  const remember = (on) => {
    try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* private mode: forgotten with the page */ }
  };
  let on = remembered();

  const isTyping = (target) =>
    target instanceof HTMLElement && (target.matches("textarea, select, input:not([type=radio], [type=checkbox])") || target.isContentEditable);
  const isPressed = (target) => target instanceof HTMLElement && target.closest("a, button, summary, input[type=checkbox]") !== null;

  /* A choice by key leaves the focus where it is, so that arrows still go to other items; it is read out all the same. */
  const heard = Object.assign(document.createElement("p"), { className: "hidden", role: "status" });
  document.body?.append(heard);
  const hear = (words) => { heard.textContent = words; };

  const choose = (root, key) => {
    const choice = root.querySelector(`input[data-key="${key}"]`);
    if (!choice || choice.disabled) return false;
    choice.click();
    hear(`${choice.closest("fieldset")?.querySelector("legend")?.textContent ?? ""} ${choice.closest("label").querySelector(".word-of, .check-of")?.textContent ?? ""}`.trim());
    return true;
  };
  /* What is chosen, where the buttons are: the choices themselves may have left the screen. A reader hears them from `hear`. */
  const sum = (root) => {
    const place = root.querySelector(".so-far");
    if (!place) return;
    const parts = Array.from(root.querySelectorAll("fieldset[data-short]"), (set) =>
      `${set.dataset.short}: ${set.querySelector("input:checked")?.closest("label").querySelector(".word-of").textContent ?? "—"}`);
    place.textContent = parts.join(" · ");
  };
  const press = (root, name) => {
    const button = root.querySelector(`[data-do="${name}"], button[value="${name}"]:not(.hidden)`);
    if (!button || button.disabled) return false;
    button.click();
    return true;
  };
  const follow = (root, rel) => {
    const way = root.querySelector(`[data-do="${rel}"]`) ?? document.querySelector(`[rel="${rel}"]`);
    if (!way || way.disabled) return false;
    way.click();
    return true;
  };
  const write = (root) => {
    const reason = root.querySelector("textarea[name=reason]");
    if (!reason) return false;
    reason.focus();
    return true;
  };

  const dialog = () => document.getElementById("keys");
  const show = () => {
    const list = dialog();
    if (!list || list.open) return false;
    list.showModal();
    return true;
  };

  const digit = (event) => {
    const found = /^(?:Digit|Numpad)([1-8])$/.exec(event.code);
    if (found && event.shiftKey && Number(found[1]) <= 4) return String(Number(found[1]) + 4);
    return /^[1-8]$/.test(event.key) ? event.key : null;
  };

  const act = (event, root) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const number = digit(event);
    if (number) return choose(root, number);
    switch (key) {
      case "a": case "b": case "t": case "d": return choose(root, key);
      case "r": return write(root);
      case "c": return press(root, "confidence");
      case "s": return press(root, "save");
      case "Enter": return !isPressed(event.target) && press(root, "save");
      case "l": return press(root, "later");
      case "u": return press(root, "undo");
      case "ArrowLeft": return event.target.type !== "radio" && follow(root, "prev");
      case "ArrowRight": return event.target.type !== "radio" && follow(root, "next");
      case "?": return show();
      default: return false;
    }
  };

  const mark = () => {
    document.documentElement.classList.toggle("with-keys", on);
    const box = document.getElementById("keys-on");
    if (box) box.checked = on;
    for (const button of document.querySelectorAll("[data-do=keys]")) button.hidden = !box;
  };

  /* `current` names the item in front of the reviewer, or nothing where there is none. */
  const listen = (current) => {
    mark();
    const sumUp = () => {
      const root = current();
      if (root) sum(root);
    };
    sumUp();
    addEventListener("pageshow", sumUp);
    document.addEventListener("change", sumUp);
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.isComposing || dialog()?.open) return;
      const root = current();
      if (!root) return;
      if (isTyping(event.target)) {
        if (event.key === "Escape") event.target.blur();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && press(root, "save")) event.preventDefault();
        return;
      }
      if (!on || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (act(event, root)) event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-do=keys]")) show();
    });
    document.getElementById("keys-on")?.addEventListener("change", (event) => {
      on = event.target.checked;
      remember(on);
      mark();
    });
  };
  return { listen, sum };
})();
