const policyStep = 100;

class Policies {
  constructor(article, estate) {
    this.estate = estate;
    this.number = article.dataset.estate;
    this.section = article.querySelector('[data-part=policies]');
    this.list = this.section.querySelector('.policylist');
    this.status = this.section.querySelector('.count');
    this.fields = filters(this.section.querySelector('form'), () => this.apply());
    this.index();
    this.apply();
    wide.addEventListener('change', () => this.redraw());
  }

  // index prepares what is searched and chosen from.
  index() {
    const codes = new Map(), namespaces = new Set();
    this.entries = this.estate.policies.map((p, n) => {
      const findings = p.findings.map(i => this.estate.findings[i]);
      const objects = [...p.sources, ...p.outputs].map(t => t.object);
      for (const f of findings) codes.set(f.code, f.name);
      for (const o of objects) namespaces.add(o.namespace || '');
      return {p, n, findings, names: objects.map(objectText), codes: new Set(findings.map(f => f.code)), namespaces: new Set(objects.map(o => o.namespace || ''))};
    });
    options(this.fields.code, [...codes].sort().map(([code, name]) => [code, code + ' ' + name]));
    options(this.fields.namespace, [...namespaces].sort().map(n => [n || '-', n || 'cluster-wide']));
  }

  apply() {
    const text = this.fields.text.value.trim().toLowerCase(), effect = this.fields.effect.value;
    const code = this.fields.code.value, namespace = this.fields.namespace.value;
    this.shown = this.entries.filter(e => (!effect || e.p.effect === effect) && (!code || e.codes.has(code)) &&
      (!namespace || e.namespaces.has(namespace === '-' ? '' : namespace)) && (!text || this.searched(e).includes(text)));
    this.limit = policyStep;
    this.status.textContent = this.shown.length === this.entries.length ? plural(this.shown.length, 'policy').replace('policys', 'policies') :
      grouped(this.shown.length) + ' of ' + grouped(this.entries.length);
    this.redraw();
  }

  searched(e) {
    if (!e.searched) e.searched = [...e.names, ...[...e.p.sources, ...e.p.outputs].map(t => t.text)].join('\n').toLowerCase();
    return e.searched;
  }

  redraw() {
    const open = new Set([...this.list.querySelectorAll('details[open]')].map(d => Number(d.dataset.n)));
    this.list.replaceChildren(...this.shown.slice(0, this.limit).map(e => this.row(e, open.has(e.n))), ...this.more());
    if (!this.shown.length) this.list.append(h('p', {class: 'none'}, this.entries.length ? 'No policy is like that.' : 'There is no policy.'));
    document.dispatchEvent(new Event('redrawn'));
  }

  more() {
    const left = this.shown.length - this.limit;
    if (left <= 0) return [];
    return [h('button', {type: 'button', class: 'morebutton', onclick: () => {
      const at = this.limit;
      this.limit += policyStep * 2;
      this.list.lastChild.remove();
      this.list.append(...this.shown.slice(at, this.limit).map(e => this.row(e, false)), ...this.more());
      this.list.children[at].querySelector('summary').focus();
    }}, 'Show more (' + grouped(left) + ' left)')];
  }

  row(e, open) {
    const sources = e.p.sources.map(t => objectText(t.object)), outputs = e.p.outputs.map(t => objectText(t.object));
    const row = h('details', {class: 'policy ' + e.p.effect, 'data-n': e.n},
      h('summary', {}, tag(e.p.effect), h('span', {class: 'from'}, named(sources, 'of no source')), h('span', {class: 'arrow', role: 'img', 'aria-label': 'becomes'}, '→'),
        h('span', {class: 'to'}, named(outputs, 'nothing of its own')), h('span', {class: 'findings'}, e.findings.length ? plural(e.findings.length, 'finding') : '')));
    let drawn = false;
    const draw = () => {
      if (row.open && !drawn) row.append(sideBySide(e, this.number));
      drawn = drawn || row.open;
    };
    row.draw = draw;
    row.addEventListener('toggle', draw);
    if (open) {
      row.open = true;
      draw();
    }
    return row;
  }

  // find shows the policies of one object.
  find(name) {
    this.pick({text: name});
    const row = this.list.querySelector('details');
    if (!row) return;
    row.open = true;
    row.querySelector('summary').focus({preventScroll: true});
    this.section.scrollIntoView({block: 'start'});
  }

  // reach opens one policy, which the filters may hide, and returns its row.
  reach(n) {
    const entry = this.entries[n];
    if (!entry) return null;
    if (this.shown.indexOf(entry) < 0 || this.shown.indexOf(entry) >= this.limit) {
      for (const [key, field] of Object.entries(this.fields)) field.value = key === 'text' ? entry.names[0] : '';
      this.apply();
      this.limit = Math.max(this.limit, this.shown.indexOf(entry) + 1);
      this.redraw();
    }
    const row = this.list.querySelector('details[data-n="' + n + '"]');
    row.open = true;
    row.draw();
    return row;
  }

  // pick sets the filters and shows the policies that are left.
  pick(values) {
    for (const [key, field] of Object.entries(this.fields)) field.value = values[key] || '';
    this.apply();
    reveal(this.section);
  }
}

function named(names, none) {
  if (!names.length) return h('i', {}, none);
  return names.length < 4 ? names.join(', ') : names.slice(0, 2).join(', ') + ' and ' + (names.length - 2) + ' more';
}
