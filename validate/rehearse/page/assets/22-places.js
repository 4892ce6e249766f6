// A rule that is named anywhere in the page leads to its own line in the policies side by side, and back again. The line's
// name is in the address, so it can be kept and sent, and the browser's own way back works too.
const placeName = /^#line-(\d+)-(\d+)-([so])(\d+)$/;

function placeId(estate, at) {
  return 'line-' + estate + '-' + at.policy + '-' + at.side[0] + at.line;
}

class Places {
  // show is told the number of an estate, shows it and returns its policies.
  constructor(show) {
    this.show = show;
    this.origins = new Map();
    document.addEventListener('click', event => {
      const link = event.target.closest('a[href^="#line-"]');
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      this.origins.set(link.hash, link);
      if (link.hash !== location.hash) return; // else the address tells
      event.preventDefault();
      this.arrive();
    });
    addEventListener('hashchange', event => {
      if (placeName.test(location.hash)) this.arrive();
      else this.back('#' + event.oldURL.split('#')[1]);
    });
    // Drawing the policies anew, as a filter or a turned telephone does, takes the marks away.
    document.addEventListener('redrawn', () => this.marked && this.mark());
    this.arrive();
  }

  // arrive goes to the line that the address names, if it names one.
  arrive() {
    const [, estate, policy, , line] = placeName.exec(location.hash) || [];
    const policies = line && this.show(Number(estate));
    const row = policies && policies.reach(Number(policy));
    if (!row) return;
    const code = this.mark();
    if (!code) return;
    code.scrollIntoView({behavior: 'instant', block: 'center'});
    code.focus({preventScroll: true});
  }

  // mark marks the rule whose line the address names, and returns that line; nothing if it is not shown.
  mark() {
    this.leave();
    const [, , , , line] = placeName.exec(location.hash) || [];
    const prefix = line && location.hash.slice(1, -line.length), code = line && document.getElementById(prefix + line);
    this.marked = Boolean(line);
    if (!code) return null;
    const rule = wholeRule(prefix, Number(line));
    for (const e of rule) for (const cell of [e, e.previousSibling]) cell.classList.add('cited');
    rule[rule.length - 1].parentNode.after(this.wayBack(location.hash));
    code.tabIndex = -1;
    code.setAttribute('aria-describedby', 'back');
    code.addEventListener('keydown', event => event.key === 'Escape' && this.back(location.hash), {once: true});
    return code;
  }

  // wayBack is a row below the rule with the way back to where its name stood.
  wayBack(hash) {
    const from = this.origins.get(hash), about = from && from.closest('[data-back]');
    const text = about ? 'Back to ' + about.dataset.back : from ? 'Back' : 'Close';
    return h('tr', {class: 'noted wayback'}, h('td', {colspan: wide.matches ? '4' : '2'},
      h('button', {type: 'button', id: 'back', class: 'morebutton', onclick: () => this.back(hash)}, h('span', {'aria-hidden': 'true'}, '↩ '), text)));
  }

  // back returns to the name of a rule that led to its line.
  back(hash) {
    this.leave();
    const from = this.origins.get(hash);
    if (!from || !from.isConnected) return;
    for (let e = from.parentElement; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
    this.show(Number(from.closest('article').dataset.estate));
    from.scrollIntoView({behavior: 'instant', block: 'center'});
    from.focus({preventScroll: true});
  }

  // leave takes the marks from the line that was shown last.
  leave() {
    this.marked = false;
    for (const e of document.querySelectorAll('.wayback')) e.remove();
    for (const e of document.querySelectorAll('.cited')) e.classList.remove('cited');
  }
}

// wholeRule are the lines of the rule that begins with a line: an item of a list goes on as long as lines are indented more.
function wholeRule(prefix, line) {
  const at = n => document.getElementById(prefix + n), depth = e => /^\s*/.exec(e.textContent)[0].length;
  const out = [at(line)];
  if (!/^\s*- /.test(out[0].textContent)) return out;
  for (let e = at(line + 1); e && depth(e) > depth(out[0]); e = at(line + out.length)) out.push(e);
  return out;
}
