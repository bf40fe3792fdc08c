// What a page can do better with a script; without it every form works as it is.
// It sends nothing of its own: each form goes where it would have gone.
"use strict";

(() => {
  const SHOW_SENDING_AFTER = 300;
  const GIVE_UP_ON_ONE_TRY_AFTER = 20000;
  const FIRST_PAUSE = 1000;
  const LONGEST_PAUSE = 15000;
  const WORTH_ANOTHER_TRY = new Set([429, 500, 502, 503, 504]);
  const TRIES_AT_A_FAILING_SERVER = 8;
  const MINUTE = 60000;

  let clock = 0;
  let sending = false;
  let shown = place();

  const main = () => document.getElementById("content");

  // ------------------------------------------------------------ forms, sent once

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches(".exam-form")) {
      event.preventDefault();
      send(form, requestOf(form));
    } else if (form.matches("[data-once]")) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    }
  });

  document.addEventListener("click", (event) => {
    // The second click of a double click must not confirm what the first one only chose.
    if (event.detail > 1 && event.target.closest(".exam-form button")) event.preventDefault();
    const link = event.target.closest(".exam-form a[data-in-place]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    send(link.closest("form"), { address: new URL(link.href), options: {} });
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  async function send(form, request) {
    if (sending) return;
    sending = true;
    const button = form.querySelector("button[type=submit]");
    button.setAttribute("aria-disabled", "true");
    const late = setTimeout(() => say(form, form.dataset.wordsSending), SHOW_SENDING_AFTER);
    try {
      const response = await untilAnswered(request, () => {
        clearTimeout(late);
        say(form, form.dataset.wordsRetrying, true);
      });
      await show(response);
    } finally {
      clearTimeout(late);
      sending = false;
      button.removeAttribute("aria-disabled");
      if (form.isConnected) say(form, "");
    }
  }

  function requestOf(form) {
    const fields = new URLSearchParams(new FormData(form));
    const address = new URL(form.action);
    if (form.method === "post") return { address, options: { method: "POST", body: fields } };
    address.search = fields;
    return { address, options: {} };
  }

  // Sending again is safe: an answer counts once however often it arrives.
  async function untilAnswered({ address, options }, onTrouble) {
    for (let tries = 1, pause = FIRST_PAUSE; ; tries += 1, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        const response = await fetch(address, { ...options, signal: AbortSignal.timeout(GIVE_UP_ON_ONE_TRY_AFTER) });
        if (!WORTH_ANOTHER_TRY.has(response.status) || tries >= TRIES_AT_A_FAILING_SERVER) {
          const stays = options.method === "POST" && !response.redirected;
          return { page: await response.text(), address: stays ? window.location.href : response.url };
        }
      } catch {
        // No network, or no reply in time: the answer is still here.
      }
      onTrouble();
      await pauseOrNetwork(pause);
    }
  }

  function pauseOrNetwork(pause) {
    return new Promise((resolve) => {
      setTimeout(resolve, pause);
      window.addEventListener("online", resolve, { once: true });
    });
  }

  function say(form, words, trouble = false) {
    const place = form.querySelector(".sending");
    if (!place || place.textContent === words) return;
    place.textContent = words || "";
    place.classList.toggle("trouble", trouble);
  }

  // ------------------------------------------------------------ the next page, in place

  async function show({ page, address }) {
    const next = new DOMParser().parseFromString(page, "text/html");
    const frame = next.getElementById("announcements");
    if (!frame || !next.getElementById("content")) {
      window.location.assign(address);
      return;
    }
    const stays = questionOn(document) !== undefined && questionOn(document) === questionOn(next);
    const height = window.scrollY;
    const folded = document.querySelector("details.stimulus:not([open])")?.dataset.stimulus;
    document.title = next.title;
    document.documentElement.lang = next.documentElement.lang;
    main().replaceWith(document.adoptNode(next.getElementById("content")));
    const stimulus = document.querySelector("details.stimulus");
    if (stimulus && stimulus.dataset.stimulus === folded) stimulus.open = false;
    if (address !== window.location.href) window.history.pushState(null, "", address);
    shown = place();
    begin();
    window.scrollTo(0, stays ? height : 0);
  }

  // Both states of a question have one layout: between them the page stays where it is.
  function questionOn(page) {
    return page.querySelector(".exam-form[data-question]")?.dataset.question;
  }

  // A jump within the page (the skip link, a fault in a form) is told in the same way, and stays.
  window.addEventListener("popstate", () => {
    if (place() !== shown) window.location.reload();
  });

  function place() {
    return window.location.pathname + window.location.search;
  }

  function begin() {
    keepChoice();
    startClock();
    const heading = document.getElementById("focus");
    if (heading) heading.focus({ preventScroll: true });
  }

  // ------------------------------------------------------------ the chosen option, kept until acknowledged

  const KEPT = "samatthana:choice";

  function keepChoice() {
    const form = document.querySelector(".exam-form[data-question]");
    const kept = read();
    if (!form) return;
    const question = questionOn(document);
    if (kept && kept.question !== question) forget();
    const options = [...form.querySelectorAll("input[name=choice]")];
    if (kept && kept.question === question && !options.some((option) => option.checked)) {
      const option = options.find((each) => each.value === kept.choice);
      if (option) {
        option.checked = true;
        say(form, form.dataset.wordsRestored);
      }
    }
    options.forEach((option) => option.addEventListener("change", () => {
      say(form, "");
      write({ question, choice: option.value });
    }));
  }

  function read() {
    try {
      return JSON.parse(window.sessionStorage.getItem(KEPT));
    } catch {
      return null;
    }
  }

  function write(choice) {
    try {
      window.sessionStorage.setItem(KEPT, JSON.stringify(choice));
    } catch {
      // A browser that keeps nothing still sends the answer.
    }
  }

  function forget() {
    try {
      window.sessionStorage.removeItem(KEPT);
    } catch {
      // There was nothing to forget.
    }
  }

  // ------------------------------------------------------------ the time that is left, by the server's clock

  function startClock() {
    window.clearInterval(clock);
    const timer = document.getElementById("timer");
    if (!timer) return;
    const ahead = Date.parse(timer.dataset.serverTime) - Date.now();
    const end = Date.parse(timer.dataset.answerBy);
    let before = Infinity;
    const tick = () => {
      const left = end - (Date.now() + ahead);
      timer.textContent = words(timer, left);
      timer.classList.toggle("soon", left < 5 * MINUTE);
      warn(timer, before, left);
      before = left;
      if (left <= 0 && !sending) {
        window.clearInterval(clock);
        announce(timer.dataset.wordsOver);
        window.setTimeout(() => window.location.assign(timer.dataset.after), 1500);
      }
    };
    tick();
    clock = window.setInterval(tick, 1000);
  }

  function words(timer, left) {
    const { wordsMinutes, wordsClock, wordsUnder } = timer.dataset;
    if (left < MINUTE) return wordsUnder;
    if (left >= 5 * MINUTE) return wordsMinutes.replace("{}", Math.ceil(left / MINUTE));
    const seconds = Math.floor(left / 1000);
    return wordsClock.replace("{}", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
  }

  // Said once, as the mark is passed: not again on each question, and never every second.
  function warn(timer, before, left) {
    if (before === Infinity) return;
    if (before > MINUTE && left <= MINUTE) announce(timer.dataset.wordsOne);
    else if (before > 5 * MINUTE && left <= 5 * MINUTE) announce(timer.dataset.wordsFive);
  }

  function announce(text) {
    const place = document.getElementById("announcements");
    if (place) place.textContent = text;
  }

  begin();
})();
