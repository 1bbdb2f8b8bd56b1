// Help while typing. Everything works without it.
"use strict";

(function () {
  const forms = document.querySelectorAll("form[data-pending]");
  for (const form of forms) {
    const button = form.querySelector("button.main");
    const label = button.textContent;
    let sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = form.dataset.pending;
    });
    window.addEventListener("pageshow", function () { // also when the browser goes back to it
      sent = false;
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    });
  }

  const summary = document.querySelector(".summary");
  window.addEventListener("load", function () { // where the browser has no autofocus for it
    if (summary && document.activeElement === document.body) { summary.focus(); }
  });

  const form = document.getElementById("reset");
  if (!form) { return; }
  const field = form.elements.password;

  const show = document.getElementById("show");
  show.checked = false;
  show.parentElement.classList.add("on");
  show.addEventListener("change", function () { field.type = show.checked ? "text" : "password"; });
  form.addEventListener("submit", function () { field.type = "password"; show.checked = false; });

  const caps = document.getElementById("caps");
  function hint(event) {
    if (event.getModifierState) { caps.hidden = !event.getModifierState("CapsLock"); }
  }
  field.addEventListener("keydown", hint);
  field.addEventListener("keyup", hint);
  field.addEventListener("blur", function () { caps.hidden = true; });

  const rules = document.getElementById("rules");
  const strength = document.getElementById("strength");
  const status = document.getElementById("status");
  let timer = 0;
  let asking = null;

  function tell(verdict) {
    for (const item of rules.querySelectorAll("[data-rule]")) {
      const kept = verdict ? verdict.rules[item.dataset.rule] : undefined;
      item.className = kept === undefined ? "" : kept ? "met" : "unmet";
      item.firstElementChild.textContent = kept === undefined ? "" : kept ? rules.dataset.met : rules.dataset.unmet;
    }
    strength.classList.toggle("on", Boolean(verdict));
    status.textContent = verdict ? verdict.status : "";
    if (verdict) {
      document.getElementById("meter").value = verdict.strength + 1;
      document.getElementById("word").textContent = verdict.word;
    }
  }

  async function ask() {
    const asked = asking = new AbortController();
    const body = new URLSearchParams({
      token: form.elements.token.value, password: field.value, lang: document.documentElement.lang,
    });
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST", body: body, signal: asked.signal, credentials: "omit", referrerPolicy: "no-referrer", redirect: "error",
      });
      const verdict = answer.ok ? await answer.json() : null;
      if (asking === asked) { tell(verdict); }
    } catch (failure) {
      if (asking === asked) { tell(null); } // the server judges in the end
    }
  }

  field.addEventListener("input", function () {
    clearTimeout(timer);
    if (asking) { asking.abort(); asking = null; }
    if (field.value === "") { tell(null); return; }
    timer = setTimeout(ask, 250);
  });
})();
