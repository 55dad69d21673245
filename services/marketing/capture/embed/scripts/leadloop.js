/* Leadloop's script for forms: where people came from, one submission per click, thanks and errors in place.
   No dependency, no cookie. Without it the form posts by itself. Guide: docs/guides/web-form.md */
(function () {
  'use strict';
  if (window.leadloopLoaded) return;
  window.leadloopLoaded = true;

  var UTM = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'];
  var CLICKS = ['gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'msclkid', 'li_fat_id', 'ttclid', 'twclid',
    'rdt_cid', 'epik', 'ScCid', 'oppref', 'gad_campaignid', 'gad_source', 'hsa_cam'];
  var CONSENTS = ['ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage'];
  var FORMS = 'form[data-leadloop], form[action*="/v1/forms/pk_"]';
  var KEY = 'leadloop', HALF_HOUR = 18e5, DAYS_90 = 7776e6, PATIENCE = 30000, MOST = 2000;
  var ours = document.currentScript;
  var consent = {}, told = {};
  var page = {}; // what is known without any storage
  var states = new WeakMap(); // of each form: its nonce, and whether it is being sent

  // What has been agreed to: by data-consent, window.leadloopConsent, or Google's consent mode. Unknown is not denied.
  function agree(given) {
    if (given === 'granted' || given === 'denied') given = { analytics_storage: given, ad_storage: given };
    CONSENTS.forEach(function (name) {
      if (given && (given[name] === 'granted' || given[name] === 'denied')) consent[name] = given[name];
    });
  }
  function hear() {
    (Array.isArray(window.dataLayer) ? window.dataLayer : []).forEach(function (said) {
      if (said && said[0] === 'consent') agree(said[2]);
    });
    agree(told);
  }
  function tell(given) {
    told = typeof given === 'string' ? given : Object.assign({}, told, given);
    remember();
  }

  // Granted: kept in this browser for 90 days. Not told: for this tab only. Denied: nowhere, and what was is removed.
  function stores() {
    if (consent.analytics_storage === 'denied') return [];
    return consent.analytics_storage === 'granted' ? ['localStorage', 'sessionStorage'] : ['sessionStorage'];
  }
  function read(store) {
    try {
      var kept = JSON.parse(window[store].getItem(KEY)) || {};
      return kept.until > Date.now() ? kept : {};
    } catch (error) { return {}; } // blocked, or somebody else's
  }
  function write(store, value) {
    try {
      if (value) window[store].setItem(KEY, JSON.stringify(value));
      else window[store].removeItem(KEY);
    } catch (error) { /* full or blocked: the page's own values are sent all the same */ }
  }
  function id() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join('');
  }

  // Where this page view came from: tags and click ids of its address (also behind #), and another site's link.
  function touch() {
    var found = {}, address = new URL(location.href);
    [address.hash.split('?')[1] || address.hash.slice(1), address.search].forEach(function (part) {
      new URLSearchParams(part).forEach(function (value, name) {
        var known = UTM.concat(CLICKS).find(function (one) { return one.toLowerCase() === name.toLowerCase(); });
        if (known && value) found[known] = value.slice(0, 500);
      });
    });
    try {
      if (document.referrer && new URL(document.referrer).host !== location.host) {
        found.referrer = document.referrer.slice(0, MOST);
      }
    } catch (error) { /* no address */ }
    if (Object.keys(found).length) found.landing_url = location.href.slice(0, MOST);
    return found;
  }
  function remember() {
    hear();
    var may = stores(), kept = may.length ? page : {}, now = Date.now(), came = touch();
    may.forEach(function (store) { kept = Object.assign({}, kept, read(store)); });
    var alive = kept.seen > now - HALF_HOUR;
    // Back from a page to pay or to sign in at: another site's link in the middle of a visit begins no other one.
    var anew = Object.keys(came).some(function (name) { return name !== 'referrer' && name !== 'landing_url'; }) ||
      came.landing_url && !alive;
    var here = came.landing_url ? came : { landing_url: location.href.slice(0, MOST) };
    page = {
      first: kept.first || here,
      last: anew ? came : kept.last || here,
      session: alive ? kept.session : id(),
      visitor: kept.visitor || id(),
      seen: now,
      until: now + DAYS_90
    };
    ['localStorage', 'sessionStorage'].forEach(function (store) {
      write(store, may.indexOf(store) < 0 ? null : page);
    });
  }

  function put(form, name, value) {
    var field = form.querySelector('[name="' + name + '"]');
    if (field ? field.type !== 'hidden' || field.value && field.dataset.by !== KEY : !value) return; // the site's own
    if (!field) {
      field = document.createElement('input');
      field.type = 'hidden';
      field.name = name;
      form.appendChild(field);
    }
    field.dataset.by = KEY;
    field.value = value || '';
    field.disabled = !value;
  }
  function fill(form) {
    remember();
    UTM.concat(CLICKS).forEach(function (name) { put(form, name, page.last[name]); });
    UTM.forEach(function (name) { put(form, 'first_' + name, page.first[name]); });
    put(form, 'referrer', page.last.referrer);
    put(form, 'landing_url', page.last.landing_url);
    put(form, 'first_landing_url', page.first.landing_url);
    put(form, 'first_referrer', page.first.referrer);
    var may = consent.analytics_storage !== 'denied';
    put(form, 'session_id', may && page.session);
    put(form, 'visitor_id', may && page.visitor);
    CONSENTS.forEach(function (name) { put(form, 'consent_' + name, consent[name]); });
  }

  function state(form) {
    if (!states.has(form)) states.set(form, { nonce: id(), sending: false });
    return states.get(form);
  }
  function say(form, text, kind, field) {
    quiet(form);
    var note = document.createElement('p');
    note.setAttribute('role', kind);
    note.setAttribute('data-leadloop-note', '');
    note.tabIndex = -1;
    note.textContent = text;
    if (field) {
      note.id = 'leadloop-' + id();
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', note.id);
      (field.closest('label') || field).insertAdjacentElement('afterend', note);
      field.focus();
    } else if (kind === 'status') {
      form.insertAdjacentElement('afterend', note);
      form.style.display = 'none';
      note.focus();
    } else {
      form.appendChild(note);
    }
  }
  function quiet(form) {
    form.querySelectorAll('[data-leadloop-note]').forEach(function (note) { note.remove(); });
    form.querySelectorAll('[aria-invalid]').forEach(function (field) {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('aria-describedby');
    });
  }
  function busy(form, on) {
    state(form).sending = on;
    form.setAttribute('aria-busy', on);
    form.querySelectorAll('button:not([type="button"]), input[type="submit"]').forEach(function (button) {
      button.disabled = on;
      if (button.tagName !== 'BUTTON') return;
      if (on) { button.leadloopText = button.textContent; button.textContent = form.dataset.sending || button.textContent; }
      else if (button.leadloopText) button.textContent = button.leadloopText;
    });
  }

  function send(form, submitter) {
    var action = new URL(form.getAttribute('data-leadloop') || form.getAttribute('action') || '', document.baseURI);
    put(form, '_nonce', state(form).nonce); // a plain post that has to follow can't send a header
    var data = new FormData(form);
    if (submitter && submitter.name) data.append(submitter.name, submitter.value);
    var files = form.querySelector('input[type="file"]');
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    busy(form, true);
    fetch(action, {
      method: 'POST',
      body: files ? data : new URLSearchParams(data),
      mode: 'cors',
      credentials: 'omit',
      headers: { Accept: 'application/json', 'Idempotency-Key': state(form).nonce },
      signal: stop.signal
    }).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (said) { heard(form, answer, said); });
    }).catch(function () {
      busy(form, false);
      if (stop.signal.aborted || navigator.onLine === false) {
        say(form, form.dataset.error || 'That didn\'t work. Please try again in a moment.', 'alert');
      } else {
        HTMLFormElement.prototype.submit.call(form); // the way it goes without us
      }
    }).finally(function () { clearTimeout(timer); });
  }
  function heard(form, answer, said) {
    busy(form, false);
    if (answer.ok && said.status !== 'rejected') {
      form.dispatchEvent(new CustomEvent('leadloop:sent', { bubbles: true, detail: said }));
      states.delete(form);
      if (/^https?:\/\//.test(form.dataset.redirect || '')) { location.assign(form.dataset.redirect); return; }
      say(form, form.dataset.thanks || 'Thank you! We have received your message.', 'status');
      return;
    }
    if (answer.status < 500) state(form).nonce = id(); // as it was it is not taken: what comes next is another one
    form.dispatchEvent(new CustomEvent('leadloop:failed', { bubbles: true, detail: said }));
    var name = String(((said.errors || [])[0] || {}).pointer || '').split('/').pop();
    function named(name) {
      return Array.prototype.find.call(form.querySelectorAll('[name]'), function (one) {
        return one.type !== 'hidden' && (one.name === name || one.type === name || one.type === 'tel' && name === 'phone');
      });
    }
    var field = named(name);
    if (!field && name === 'email') field = named(name = 'phone'); // a form that asks for a number only
    var key = { email: 'invalidEmail', phone: 'invalidPhone' }[name];
    say(form, key && form.dataset[key] || form.dataset.error || said.detail || 'That didn\'t work.', 'alert', field);
  }

  // One listener for all forms, also those that come later: frameworks may draw them when they like.
  function matches(form) { return form instanceof HTMLFormElement && form.matches(FORMS); }
  document.addEventListener('submit', function (event) { // before the site's own script looks at the form
    if (matches(event.target)) fill(event.target);
  }, true);
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || !matches(form)) return;
    event.preventDefault();
    if (!state(form).sending) send(form, event.submitter);
  });
  document.addEventListener('input', function (event) {
    var form = event.target.form;
    if (matches(form) && !state(form).sending) state(form).nonce = id();
  });
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) document.querySelectorAll(FORMS).forEach(function (form) { busy(form, false); });
  });

  var early = window.leadloopConsent;
  window.leadloopConsent = tell;
  agree(ours && ours.dataset.consent);
  if (early && typeof early === 'object') told = early;
  remember();
}());
