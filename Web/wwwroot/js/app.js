// What Blazor can't do from the server: the browser's own dialogs, uploads, the colour scheme, the connection notice.
(() => {
  'use strict';

  const root = document.documentElement;

  window.platform = {
    showDialog(dialog) {
      if (dialog?.showModal && !dialog.open) dialog.showModal();
    },
    closeDialog(dialog) {
      if (dialog?.open) dialog.close();
    },
    chosenFile(input) {
      const file = input.files[0];
      return file ? { name: file.name, size: file.size } : null;
    },
    // XMLHttpRequest, since fetch doesn't tell how much of a body has been sent.
    upload(input, token, page) {
      return new Promise(resolve => {
        const request = new XMLHttpRequest();
        const form = new FormData();
        form.append('file', input.files[0]);
        let told = -1;
        request.upload.onprogress = e => {
          const percent = e.lengthComputable ? Math.floor(e.loaded * 100 / e.total) : 0;
          if (percent === told || percent < told + 2 && percent !== 100) return;
          told = percent;
          page.invokeMethodAsync('Uploaded', percent).catch(() => { });
        };
        request.onload = () => {
          const wait = Number(request.getResponseHeader('Retry-After'));
          resolve({ status: request.status, body: request.responseText, retryAfter: wait > 0 ? wait : null });
        };
        request.onerror = request.onabort = () => resolve({ status: 0, body: null, retryAfter: null });
        request.open('POST', '/import/transfer');
        request.setRequestHeader('RequestVerificationToken', token ?? '');
        request.send(form);
      });
    },
  };

  const isDark = () => root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;

  const actions = {
    theme() {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    },
    skip() {
      const main = document.getElementById('main');
      main.focus();
      main.scrollIntoView();
    },
    reload: () => location.reload(),
    reconnect: () => window.Blazor.reconnect().then(done => { if (!done) location.reload(); }, () => { }),
  };

  document.addEventListener('click', e => {
    const action = actions[e.target.closest('[data-action]')?.dataset.action];
    if (action) {
      e.preventDefault();
      action();
    }
    // A click beside a dialog's content closes it.
    if (e.target.matches('dialog[open]')) {
      const box = e.target.getBoundingClientRect();
      if (e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom) e.target.close();
    }
    // The menu on a phone closes when it has led somewhere.
    const menu = e.target.closest('.sidebar a') && document.getElementById('sidebar');
    if (menu && menu.matches(':popover-open')) menu.hidePopover();
  });

  // The server has forgotten this page (it was restarted, or the page slept too long): begin anew.
  const notice = document.getElementById('components-reconnect-modal');
  notice?.addEventListener('components-reconnect-state-changed', e => {
    if (e.detail.state === 'rejected' || e.detail.state === 'resume-failed') location.reload();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && notice?.classList.contains('components-reconnect-failed')) actions.reconnect();
  });
})();
