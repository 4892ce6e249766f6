// Matrix draws only the cells in view, so that 500 × 500 cost no more than 30 × 30.
class Matrix {
  constructor(article, estate) {
    this.estate = estate;
    this.number = article.dataset.estate;
    this.section = article.querySelector('[data-part=matrix]');
    this.grid = this.section.querySelector('.grid');
    this.panel = this.section.querySelector('.panel');
    this.m = estate.matrix;
    if (!this.grid || !this.m) return;
    this.rows = this.m.rows.map(decode);
    this.labels = this.m.ends.map(e => e.kind === 'pods' ? (e.name ? e.namespace + '/' + e.name : e.namespace) : e.name);
    this.changes();
    this.status = this.section.querySelector('.count');
    this.fields = filters(this.section.querySelector('form'), () => this.apply());
    this.grid.addEventListener('scroll', () => this.draw(), {passive: true});
    this.grid.addEventListener('click', e => this.clicked(e));
    this.grid.addEventListener('keydown', e => this.key(e));
    this.grid.addEventListener('focus', () => this.mark(true));
    new ResizeObserver(() => this.resized()).observe(this.grid);
    this.apply();
  }

  // changes says which changes each end has, as a source and as a destination.
  changes() {
    this.leaving = this.labels.map(() => new Set());
    this.entering = this.labels.map(() => new Set());
    this.rows.forEach((row, from) => row.forEach((reach, to) => {
      const change = this.m.reaches[reach].change;
      if (change === 'same') return;
      for (const c of change === 'both' ? ['opens', 'closes', 'any'] : [change, 'any']) {
        this.leaving[from].add(c);
        this.entering[to].add(c);
      }
    }));
  }

  apply() {
    const from = this.fields.from.value.trim().toLowerCase(), to = this.fields.to.value.trim().toLowerCase(), change = this.fields.change.value;
    const every = this.labels.map((_, i) => i);
    const choose = (text, has) => every.filter(i => (!change || has[i].has(change)) && (!text || this.labels[i].toLowerCase().includes(text)));
    this.from = choose(from, this.leaving);
    this.to = choose(to, this.entering);
    this.at = [0, 0];
    this.status.textContent = grouped(this.from.length) + ' × ' + grouped(this.to.length) + (this.m.by === 'namespace' ? ' namespaces' : ' workloads');
    this.grid.hidden = !this.from.length || !this.to.length;
    this.grid.scrollTo(0, 0);
    this.frame();
    this.draw(true);
    this.say(this.worst());
  }

  resized() {
    if (this.width === this.grid.clientWidth) return this.draw(true);
    this.frame();
    this.draw(true);
  }

  // worst is the first cell with the gravest change, or null.
  worst() {
    for (const change of ['opens', 'both', 'closes', 'unknown']) {
      for (let r = 0; r < this.from.length; r++) {
        const row = this.rows[this.from[r]], c = this.to.findIndex(to => this.m.reaches[row[to]].change === change);
        if (c >= 0) return [r, c];
      }
    }
    return null;
  }

  // frame makes what scrolls: the names of the columns, and room for all rows.
  frame() {
    const longest = list => list.reduce((n, i) => Math.max(n, this.labels[i].length), 8);
    this.width = this.grid.clientWidth;
    this.side = Math.min(Math.round(longest(this.from) * 6.6) + 24, this.width < 560 ? 140 : 250);
    this.head = Math.min(Math.round(longest(this.to) * 6) + 18, 190);
    this.size = Math.min(26, Math.max(this.width < 560 ? 24 : 18, Math.floor((this.width - this.side - this.head / 3) / this.to.length)));
    this.heads = h('div', {class: 'heads', role: 'row', 'aria-rowindex': '1'});
    this.body = h('div', {class: 'body', role: 'rowgroup'});
    const inner = h('div', {class: 'inner', role: 'presentation'}, this.heads, this.body);
    inner.style.width = this.side + this.to.length * this.size + this.head / 2 + 'px';
    this.heads.style.height = this.head + 'px';
    this.body.style.height = this.from.length * this.size + 'px';
    this.grid.style.setProperty('--side', this.side + 'px');
    this.grid.style.setProperty('--size', this.size + 'px');
    this.grid.style.setProperty('--head', this.head + 'px');
    this.grid.setAttribute('aria-rowcount', this.from.length + 1);
    this.grid.setAttribute('aria-colcount', this.to.length + 1);
    this.grid.replaceChildren(inner);
    this.seen = '';
  }

  draw(again) {
    const g = this.grid, size = this.size;
    const first = Math.max(0, Math.floor(g.scrollTop / size) - 4), last = Math.min(this.from.length, Math.ceil((g.scrollTop + g.clientHeight) / size) + 4);
    const left = Math.max(0, Math.floor(g.scrollLeft / size) - 4), right = Math.min(this.to.length, Math.ceil((g.scrollLeft + g.clientWidth) / size) + 4);
    const seen = [first, last, left, right].join();
    if (seen === this.seen && !again) return;
    this.seen = seen;
    const corner = h('span', {class: 'corner', role: 'columnheader', 'aria-colindex': '1'}, h('span', {}, 'from ↓  to →'));
    const heads = [corner], rows = [];
    for (let c = left; c < right; c++) heads.push(this.column(c));
    for (let r = first; r < last; r++) rows.push(this.row(r, left, right));
    this.heads.replaceChildren(...heads);
    this.body.replaceChildren(...rows);
    this.mark();
  }

  column(c) {
    const e = h('span', {class: 'colhead', role: 'columnheader', 'aria-colindex': c + 2, 'data-col': c, title: this.labels[this.to[c]]}, h('span', {}, label(this.m.ends[this.to[c]])));
    e.style.left = this.side + c * this.size + 'px';
    return e;
  }

  row(r, left, right) {
    const from = this.from[r];
    const row = h('div', {class: 'row' + (this.begins(r) ? ' begins' : ''), role: 'row', 'aria-rowindex': r + 2},
      h('span', {class: 'rowhead', role: 'rowheader', 'aria-colindex': '1', title: this.labels[from]}, label(this.m.ends[from])));
    row.style.top = r * this.size + 'px';
    for (let c = left; c < right; c++) row.append(this.cell(r, c));
    return row;
  }

  // begins says that a namespace begins with this row.
  begins(r) {
    return r > 0 && this.m.ends[this.from[r]].namespace !== this.m.ends[this.from[r - 1]].namespace;
  }

  cell(r, c) {
    const from = this.from[r], to = this.to[c], reach = this.m.reaches[this.rows[from][to]];
    const kind = reach.change !== 'same' ? reach.change : reach.before === 'none' ? 'none' : reach.before === 'all' ? 'all' : 'some';
    const e = h('span', {class: 'cell ' + kind, role: 'gridcell', 'aria-colindex': c + 2, id: this.id(r, c), 'data-at': r + ',' + c,
      'aria-label': this.labels[from] + ' to ' + this.labels[to] + ': ' + describe(reach)}, reach.change !== 'same' ? marks[kind] : '');
    e.style.left = this.side + c * this.size + 'px';
    return e;
  }

  id(r, c) {
    return 'cell-' + this.number + '-' + r + '-' + c;
  }
}

// decode reads a row: indexes with *N after what stands N times.
function decode(text) {
  const out = [];
  for (const part of text.split(',')) {
    const [reach, times] = part.split('*');
    for (let n = Number(times || 1); n > 0; n--) out.push(Number(reach));
  }
  return out;
}

function label(end) {
  if (end.kind !== 'pods') return [h('b', {}, end.name)];
  return end.name ? [h('i', {}, end.namespace + '/'), end.name] : [end.namespace];
}

function describe(reach) {
  if (reach.change === 'same') return reach.before === 'none' ? 'nothing allowed' : reach.before + ' allowed, the same';
  return words[reach.change] + '; before ' + reach.before + ', after ' + reach.after;
}
