/* What a page from the server does beyond its forms: keys, signs of life, the token of an invitation link. */
(() => {
  const SIGN_EVERY = 15000;
  const say = (words) => {
    const place = document.getElementById("said");
    if (place) place.textContent = words;
  };

  const form = document.querySelector("form.item");
  hitlKeys.listen(() => form);

  /* The token must not stay in the address, where histories and screens keep it. A link may also be opened in a tab that shows the entry already. */
  const takeToken = () => {
    const token = location.hash.slice(1);
    if (!token || document.getElementById(token)) return;
    history.replaceState(null, "", location.pathname);
    const field = document.querySelector("#entry input[name=token]");
    if (!field) return;
    field.value = token;
    document.querySelector("#entry button").focus();
    say("Your token is filled in: press Enter.");
  };
  takeToken();
  addEventListener("hashchange", takeToken);

  const problems = document.getElementById("problems");
  if (problems && !problems.hidden) problems.focus();
  /* Not before: a save that failed, or a session that ran out, must not cost what was typed. */
  document.querySelector('form[action="/leave"]')?.addEventListener("submit", () => hitlTyped.forget());
  if (!form) return;
  if (hitlTyped.watch(form, !problems || problems.hidden)) say("What you had typed here is back; it is not saved yet.");

  let last = performance.now();
  let isOver = false;
  const sign = async () => {
    const now = performance.now();
    if (isOver || document.hidden || now - last < SIGN_EVERY) return;
    last = now;
    try {
      const answer = await fetch(`/api/items/${form.dataset.item}/alive`, {
        method: "POST",
        headers: { "X-CSRF-Token": form.elements.csrf.value },
        credentials: "same-origin",
      });
      if ([401, 403, 404, 409].includes(answer.status)) {
        isOver = true;
        say(answer.status === 409 ? "This item can no longer be saved here: reload the page to see why." : "Your session has ended: copy what you wrote, then enter again.");
      } else say("");
    } catch {
      say("The server does not answer. What you typed is still here; save when it is back.");
    }
  };
  for (const kind of ["keydown", "pointermove", "pointerdown", "wheel", "input"]) addEventListener(kind, sign, { passive: true });
  addEventListener("scroll", sign, { passive: true, capture: true });

  /* One answer a press: a second press while the first is on its way would send the form twice. */
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  addEventListener("pageshow", () => { isSent = false; });
})();
