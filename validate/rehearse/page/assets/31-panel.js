const chooseCell = 'Choose a cell by mouse, or with the arrow keys and Enter.';

// What a cell says, when it is chosen by mouse or by keys.
Object.assign(Matrix.prototype, {
  clicked(event) {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    this.at = cell.dataset.at.split(',').map(Number);
    this.mark(true);
    this.say(this.at);
  },

  key(event) {
    const page = Math.max(1, Math.floor((this.grid.clientHeight - this.head) / this.size) - 1);
    const [r, c] = this.at;
    const to = {ArrowDown: [r + 1, c], ArrowUp: [r - 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], PageDown: [r + page, c], PageUp: [r - page, c],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? this.from.length - 1 : r, this.to.length - 1]}[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.say(this.at);
    else if (to) {
      this.at = [Math.min(Math.max(to[0], 0), this.from.length - 1), Math.min(Math.max(to[1], 0), this.to.length - 1)];
      this.into();
      this.mark(true);
    } else return;
    event.preventDefault();
  },

  // into scrolls the chosen cell into view.
  into() {
    const g = this.grid, size = this.size, top = this.at[0] * size, left = this.at[1] * size;
    const height = g.clientHeight - this.head - size, width = g.clientWidth - this.side - size;
    g.scrollTo(Math.min(left, Math.max(g.scrollLeft, left - width)), Math.min(top, Math.max(g.scrollTop, top - height)));
    this.draw(true);
  },

  // mark shows which cell is chosen, once somebody has come to the matrix.
  mark(come) {
    this.come = this.come || come;
    if (!this.come) return;
    for (const e of this.grid.querySelectorAll('.chosen')) e.classList.remove('chosen');
    const cell = document.getElementById(this.id(...this.at));
    if (!cell) return;
    cell.classList.add('chosen');
    cell.parentNode.querySelector('.rowhead').classList.add('chosen');
    const head = this.heads.querySelector('[data-col="' + this.at[1] + '"]');
    if (head) head.classList.add('chosen');
    this.grid.setAttribute('aria-activedescendant', cell.id);
  },

  say(at) {
    if (!at) {
      fill(this.panel, [h('p', {class: 'none'}, 'Nobody here has a difference. ' + chooseCell)]);
      return;
    }
    const from = this.from[at[0]], to = this.to[at[1]], reach = this.m.reaches[this.rows[from][to]];
    const differences = reach.differences.map(i => this.estate.differences[i]).filter(Boolean);
    const left = reach.differences.length - differences.length;
    fill(this.panel, [
      h('h3', {}, this.labels[from], h('span', {class: 'arrow', role: 'img', 'aria-label': ' to '}, ' → '), this.labels[to]),
      reach.change === 'same' ? h('p', {}, 'The same before and after.') : h('p', {}, tag(reach.change)),
      h('dl', {class: 'reach'}, h('div', {}, h('dt', {}, 'Before'), h('dd', {}, reach.before)), h('div', {}, h('dt', {}, 'After'), h('dd', {}, reach.after))),
      reach.change !== 'same' && reach.before === reach.after && h('p', {class: 'sub'}, 'That is what any of them may. What differs is only between some of them:'),
      differences.slice(0, 12).map(d => difference(d, this.number)),
      differences.length > 12 && h('p', {class: 'none'}, 'and ' + (differences.length - 12) + ' more below'),
      left > 0 && h('p', {class: 'none'}, plural(left, 'difference') + ' more that the result does not explain'),
      !this.come && h('p', {class: 'hint'}, chooseCell)]);
  },
});

// difference shows one: a connection that tells it, and the rules of both sides, each with the way to its line.
function difference(d, estate) {
  return h('div', {class: 'difference ' + d.kind, 'data-back': d.witness.text}, h('p', {class: 'witness'}, tag(d.kind), ' ', witness(d.witness)),
    h('p', {class: 'sub'}, 'stands for ' + (d.connections ? counted(d.connections, 'connection') + ' between ' : '') + plural(d.pairs, 'pair') + ' of ends'),
    judged('Before', d.before, estate), judged('After', d.after, estate));
}

// witness is a connection, and what of it differs if not all of it does.
function witness(w) {
  return [h('code', {}, w.text), w.example && [', such as ', h('code', {}, w.example)]];
}

function judged(when, side, estate) {
  const ends = [['egress', side.egress, side.egressWhen], ['ingress', side.ingress, side.ingressWhen]];
  const only = ends.filter(([, verdict, what]) => verdict === 'unknown' && what);
  const verdict = ends.some(([, v]) => v === 'deny') ? 'denied' : ends.some(([, v, what]) => v === 'unknown' && !what) ? 'not known' : only.length ? 'allowed in part' : 'allowed';
  return h('div', {class: 'judged'}, h('p', {class: 'label'}, when + ': ' + verdict),
    verdict !== 'denied' && only.map(([end, , what]) => h('p', {}, h('span', {class: 'when'}, end), ' only ' + what.about + ' ', h('code', {}, what.anyOf.join(', ')))),
    side.why && !only.length && h('p', {}, side.why),
    !side.by.length && ends.every(([, v]) => v === 'none') && h('p', {}, 'nothing is policed at either end'),
    h('ul', {}, side.by.map(s => h('li', {}, h('span', {class: 'when'}, s.end), ' ', rule(s, estate)))));
}

// rule names a rule, or a default, with the way to its line.
function rule(s, estate) {
  const name = [s.policy, s.path].filter(Boolean).join(' ');
  return [name && (s.at ? h('a', {href: '#' + placeId(estate, s.at)}, name) : name), name && ' ', s.what,
    s.where && !(s.at && s.at.side === 'output') && h('span', {class: 'pos'}, ' ' + s.where)];
}

// differencesList is the same without the matrix, one after the other.
function differencesList(section, estate, number) {
  const into = section.querySelector('.differences');
  if (!estate.differences.length) return;
  let shown = 0;
  const more = h('button', {type: 'button', class: 'morebutton', onclick: () => show()});
  const list = h('div', {});
  const show = () => {
    for (const d of estate.differences.slice(shown, shown + 50)) {
      const row = h('details', {class: 'diffrow ' + d.kind}, h('summary', {}, tag(d.kind), h('span', {class: 'witness'}, witness(d.witness)), h('span', {class: 'findings'}, d.connections ? counted(d.connections, 'connection') : '')));
      row.draw = () => row.open && row.children.length === 1 && row.append(difference(d, number));
      row.addEventListener('toggle', row.draw);
      list.append(row);
    }
    shown = Math.min(shown + 50, estate.differences.length);
    more.hidden = shown === estate.differences.length;
    more.textContent = 'Show more (' + grouped(estate.differences.length - shown) + ' left)';
  };
  show();
  into.append(h('h3', {}, 'All differences'), list, more);
}
