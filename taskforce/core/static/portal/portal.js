/* Comfort only: every page works without this file. */
(function () {
  "use strict";

  /* A date does not break in its middle: a number stays with the word beside it. */
  function unbroken(text) {
    return text.replace(/(\d) (?=\S)/g, "$1\u00a0").replace(/(\S) (?=\d)/g, "$1\u00a0");
  }

  /* Adds the reader's own time beside every instant that is shown in UTC. */
  function addLocalTimes() {
    var sentence = document.body.dataset.localTime;
    if (!sentence || !window.Intl) {
      return;
    }
    var language = document.documentElement.lang;
    /* English without a country would write the month first; the portal's own dates write the day first. */
    var format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
      year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
      hourCycle: "h23", timeZoneName: "short", numberingSystem: "latn"
    });
    /* Full-width ones where the language is written with them. */
    var brackets = /^(zh|ja)/.test(language) ? ["\uff08", "\uff09"] : ["(", ")"];
    document.querySelectorAll("time[data-local]").forEach(function (element) {
      var instant = new Date(element.dateTime);
      /* A reader who lives in UTC would read the same words twice. */
      if (isNaN(instant) || instant.getTimezoneOffset() === 0) {
        return;
      }
      var own = document.createElement("span");
      own.className = "pt-own-time";
      own.dir = "auto";
      var parts = sentence.split("{time}");
      var time = document.createElement("bdi");
      time.textContent = format.format(instant);
      /* With the closing bracket, so that it never stands on a line by itself. */
      var whole = document.createElement("span");
      whole.className = "pt-own-time__whole";
      whole.append(time, (parts[1] || "") + brackets[1]);
      own.append(brackets[0] + parts[0], whole);
      element.after(" ", own);
    });
  }

  /* --- what is left until a close ------------------------------------------------------------------------------ */

  var MINUTE = 60000;
  var HOUR = 60 * MINUTE;
  var DAY = 24 * HOUR;

  /* How far the portal's clock is ahead of this device's, in milliseconds: the demo's clock stands elsewhere. */
  function clockOffset() {
    var demo = document.querySelector(".pt-demo__now time");
    /* It is told in whole minutes: the later end of the minute never promises too much. */
    return demo ? new Date(demo.dateTime) - Date.now() + MINUTE - 1 : 0;
  }

  function amount(number, unit) {
    return new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit", unit: unit, unitDisplay: "long", numberingSystem: "latn"
    }).format(number);
  }

  /* Days; under a day hours and minutes. Rounded down, as the server does. */
  function inWords(left) {
    if (left >= DAY) {
      return amount(Math.floor(left / DAY), "day");
    }
    var parts = [amount(Math.floor(left % HOUR / MINUTE), "minute")];
    if (left >= HOUR) {
      parts.unshift(amount(Math.floor(left / HOUR), "hour"));
    }
    return new Intl.ListFormat(document.documentElement.lang, { type: "unit", style: "short" }).format(parts);
  }

  /* Whether this device's clock agrees with what the server said ("5 hour") to within a unit. */
  function agrees(element, left) {
    var said = element.dataset.shown.split(" ");
    var size = { day: DAY, hour: HOUR, minute: MINUTE }[said[1]];
    return Math.abs(left / size - Number(said[0]) - 0.5) <= 1.5;
  }

  /* Keeps "12 days left" true on a page that stays open; says nothing rather than something wrong. */
  function keepTimeLeft() {
    var sentence = document.body.dataset.timeLeft;
    if (!sentence || !window.Intl || !Intl.ListFormat) {
      return;
    }
    var offset = clockOffset();
    var shown = Array.from(document.querySelectorAll("[data-left]")).filter(function (element) {
      element.hidden = !agrees(element, new Date(element.dataset.left) - Date.now() - offset);
      return !element.hidden;
    });
    function show() {
      var now = Date.now() + offset;
      shown.forEach(function (element) {
        var left = new Date(element.dataset.left) - now;
        var text = left > 0 ? sentence.replace("{time}", inWords(left)) : document.body.dataset.closed;
        element.classList.toggle("pt-left--soon", left < DAY);
        element.querySelector(".pt-left__text").textContent = unbroken(text);
      });
    }
    if (shown.length) {
      show();
      setInterval(show, MINUTE / 4);
    }
  }

  /* Menus are details elements; Escape and a press elsewhere close them. */
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) {
        menu.open = false;
      }
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
  });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (menu) {
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) {
        menu.querySelector("summary").focus();
      }
    }
  });

  /* What is folded for want of room stands open where there is room. */
  if (window.matchMedia("(min-width: 40rem)").matches) {
    document.querySelectorAll("details[data-open-wide]").forEach(function (fold) {
      fold.open = true;
    });
  }

  /* A language chosen from the menu is remembered for addresses that name none; the page itself sets no cookie. */
  function rememberLanguage(link) {
    var secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = "language=" + link.hreflang.toLowerCase() + "; path=/; max-age=31536000; samesite=lax" + secure;
  }

  document.querySelectorAll(".pt-menu--languages a[hreflang]").forEach(function (link) {
    link.addEventListener("click", function () {
      rememberLanguage(link);
    });
  });

  addLocalTimes();
  keepTimeLeft();
}());
