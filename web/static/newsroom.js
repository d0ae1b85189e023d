// Keys and small comforts of the newsroom. Every page works without them: this only presses buttons that are there.
(() => {
  'use strict'
  const one = (s, in_ = document) => in_.querySelector(s)
  const all = (s, in_ = document) => [...in_.querySelectorAll(s)]
  const press = (key, in_) => { const b = one(`[data-key="${key}"]`, in_); if (b) b.click(); return !!b }
  const store = { get: k => { try { return localStorage.getItem(k) } catch { return null } }, set: (k, v) => { try { localStorage.setItem(k, v) } catch { /* private mode */ } } }

  // Each person's own choice, where several share a computer.
  const mine = 'letters:' + (one('[data-person]')?.dataset.person ?? '')

  // The item or row that the keys act on. Items go as they are decided.
  const items = all('[data-queue] > .item, [data-overlap]')
  const rows = all('[data-rows] .name a, [data-rows] h3 a')
  let at = -1
  const mark = to => { at = to; items.forEach((it, i) => it.classList.toggle('now', i === at)) }
  const go = to => {
    const list = items.length ? items : rows
    if (!list.length) return false
    mark(Math.max(0, Math.min(list.length - 1, to)))
    list[at].focus({ preventScroll: true })
    list[at].scrollIntoView({ block: 'nearest' })
    return true
  }
  document.addEventListener('focusin', e => { const i = items.indexOf(e.target.closest?.('.item, [data-overlap]')); if (i >= 0 && i !== at) mark(i) })
  if (items.length) mark(0)

  let before = ''
  const letters = k => {
    const item = items[at]
    const was = before
    before = ''
    if (was === 'g') return press(k)
    if (was === 'r' && item && k >= '1' && k <= '9') {
      const why = one('.because select', item)
      if (!why || !why.options[k - 1]) return false
      why.selectedIndex = k - 1
      return press('r', item)
    }
    if (was === 'r' && k === 'r') return press('r', item)
    const alone = one('[data-one]')
    if (alone) {
      if (k === 'r') { const more = one('[data-reject]'); if (more) { more.open = true; one('div button', more).focus(); return true } }
      if (k >= '1' && k <= '9') { const why = all('[data-reject][open] div button')[k - 1]; if (why) { why.click(); return true } }
      if ('asrj'.includes(k)) return press(k)
    }
    if (k === 's' && one('form#rule')) return press('save')
    switch (k) {
      case 'g': before = k; return true
      case 'r': if (!item || !one('[data-key="r"]', item)) return false
        if (!one('.because select', item)) return press('r', item)
        before = k; one('.because select', item).focus(); return true
      case 'j': return go(at + 1)
      case 'k': return go(at - 1)
      case 'x': { const box = item && one('input[name="ids"][type=checkbox]', item); if (box) box.checked = !box.checked; return !!box }
      case 'a': case 's': case 'h': case 'o': case 'b': return !!item && press(k, item)
      case 'n': case 't': case 'u': case '[': case ']': return press(k)
      case '?': one('#keys')?.togglePopover(); return true
      case '/': { const q = one('#q'); if (q && !q.offsetParent) one('#filter')?.showPopover?.(); q?.focus(); return !!q }
    }
    return false
  }
  const typing = e => e.target.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')
  const waits = e => before === 'r' && e.target.matches?.('.because select')
  document.addEventListener('keydown', e => {
    if (e.isComposing || e.altKey) return
    const k = e.key
    if (e.ctrlKey || e.metaKey) {
      if ((k === 's' && press('save')) || (k === 'Enter' && press('go'))) e.preventDefault()
      return
    }
    if (k.length !== 1 || store.get(mine) === 'off' || (typing(e) && !waits(e))) return
    if (letters(k)) e.preventDefault()
  })

  // Single letters can be switched off, for people who dictate.
  const off = one('[data-letters] input')
  if (off) {
    off.closest('[data-letters]').hidden = false
    off.checked = store.get(mine) !== 'off'
    off.addEventListener('change', () => store.set(mine, off.checked ? 'on' : 'off'))
  }

  // A decision in a list is sent without leaving it: the comment goes, the next one is there, and what was done can be undone.
  const queue = one('[data-queue]')
  const done = []
  const tell = text => { const p = one('[data-told]'); if (p) p.textContent = text }
  const flash = () => {
    one('main > .flash')?.remove()
    const last = done[done.length - 1]
    if (!last) return
    const box = one('[data-flash]').content.firstElementChild.cloneNode(true)
    one('p', box).textContent = last.said
    one('form', box).action = last.undo
    one('main').append(box)
  }
  const send = async (to, form) => {
    const answer = await fetch(to, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json', 'Stet-Person': one('[data-person]').dataset.person } })
    const told = await answer.json()
    if (!answer.ok) throw Object.assign(new Error(told.error), { status: answer.status, told })
    const wait = one('[data-wait]')
    if (wait) wait.textContent = told.waiting
    const count = one('.rail [aria-current] .count')
    if (count?.firstChild) { if (told.count) count.firstChild.textContent = told.count; else count.remove() }
    return told
  }
  const drop = item => {
    const i = items.indexOf(item)
    items.splice(i, 1)
    item.remove()
    if (items.length) go(Math.min(i, items.length - 1))
    return i
  }
  const put = (item, i) => { queue.insertBefore(item, items[i] ?? null); items.splice(i, 0, item); mark(at < 0 ? 0 : i <= at ? at + 1 : at) }
  const end = async () => {
    if (items.length) return
    await Promise.allSettled(done.map(d => d.sent))
    at = -1
    if (one('[rel=next]')) { location.reload(); return }
    const head = one('main h1')
    head.tabIndex = -1
    head.focus()
  }
  const meanwhile = (item, text) => {
    const p = document.createElement('p')
    p.className = 'warn'
    p.textContent = text
    one('.decide', item).replaceWith(p)
    tell(text)
  }
  if (queue && one('[data-flash]')) document.addEventListener('submit', async e => {
    const form = e.target
    if (form.dataset.left) return
    const leave = () => { form.dataset.left = 'yes'; form.requestSubmit(e.submitter) }
    const to = e.submitter?.hasAttribute('formaction') ? e.submitter.formAction : form.action
    if (form.matches('[data-fetch]') && /\/(approve|reject|spam|hold)$/.test(to)) {
      e.preventDefault()
      const item = form.closest('.item')
      const last = { item, said: e.submitter?.firstChild.textContent.trim() ?? '', undo: to.replace(/\w+$/, 'undo'), sent: send(to, form) }
      last.i = drop(item)
      done.push(last)
      flash()
      try {
        last.said = (await last.sent).said
        if (done[done.length - 1] === last) flash()
        tell(last.said)
        end()
      } catch (err) {
        if (err.status === 401) { location.reload(); return }
        if (done.includes(last)) done.splice(done.indexOf(last), 1)
        flash()
        put(item, Math.min(last.i, items.length))
        if (err.status === 409) meanwhile(item, err.message); else leave()
      }
    } else if (form.closest('.flash') && done.length && to === new URL(done[done.length - 1].undo, location.href).href) {
      e.preventDefault()
      const last = done.pop()
      try {
        try { await last.sent } catch { return } // what was never done is back already
        const told = await send(to, form)
        const i = Math.min(last.i, items.length)
        put(last.item, i)
        go(i)
        flash()
        tell(told.said)
      } catch (err) {
        if (err.status === 409) { flash(); tell(err.message) } else leave()
      }
    }
  })

  // What is read stays claimed as long as somebody looks at it.
  const reading = one('[data-one]')
  if (reading) setInterval(() => {
    if (document.hidden) return
    fetch('/newsroom/comments/claim', { method: 'POST', body: new URLSearchParams({ id: reading.dataset.comment }), headers: { Accept: 'application/json' } }).catch(() => { /* the next one will do, or the decision says so */ })
  }, 60000)

  // Choose all that is on the page.
  const every = one('[data-all]')
  if (every) {
    every.hidden = false
    one('input', every).addEventListener('change', e => all('input[name="ids"][type=checkbox]').forEach(b => { b.checked = e.target.checked }))
  }

  // A small form beside the sheet is sent without leaving it, and the parts it changes are taken from the answer. Fields may stand outside of
  // their form, so it is the document that hears them.
  document.addEventListener('submit', async e => {
    const form = e.target
    if (!form.dataset.part || form.dataset.left) return
    e.preventDefault()
    const to = e.submitter?.hasAttribute('formaction') ? e.submitter.formAction : form.action // formAction alone names the page
    try {
      const answer = await fetch(to, { method: 'POST', body: new URLSearchParams(new FormData(form)) })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const parts = form.dataset.part.split(' ')
      if (!parts.some(id => page.getElementById(id))) throw new Error(answer.status)
      for (const id of parts) {
        const is = page.getElementById(id)
        if (is) document.getElementById(id)?.replaceWith(is)
      }
      const key = page.querySelector(`#${form.id} [name=key]`)
      if (key) form.elements.key.value = key.value
      const notes = {}
      all('[data-note-block]').forEach(n => { notes[n.dataset.noteBlock] = (notes[n.dataset.noteBlock] || 0) + 1 })
      one('[data-editor]')?.stet?.mark({ notes })
      const said = one('.flash', page)
      if (said) { one('main > .flash')?.remove(); one('main').append(said) }
    } catch {
      form.dataset.left = 'yes'
      form.requestSubmit(e.submitter)
    }
  })
  document.addEventListener('click', e => {
    const link = e.target.closest?.('[data-show]')
    const text = one('[data-editor]')?.stet
    if (link && text) { e.preventDefault(); text.show(link.dataset.show) }
  })

  // Nothing chosen or typed is lost by a stray click: the browser asks before it leaves a choice between two texts. The sheet keeps its own.
  const choice = one('#choose')
  if (choice) {
    let dirty = false
    choice.addEventListener('input', () => { dirty = true })
    addEventListener('submit', () => { dirty = false })
    addEventListener('beforeunload', e => { if (dirty) e.preventDefault() })
  }

  // Whoever signs out leaves no words on this computer.
  one('form[action="/newsroom/logout"]')?.addEventListener('submit', () => {
    try { for (const k of Object.keys(localStorage)) if (k.startsWith('stet:words:')) localStorage.removeItem(k) } catch { /* private mode */ }
  })

  // A line of several names offers those known for the one being typed.
  for (const line of all('[data-several]')) {
    const list = line.list
    const own = [...list.options].map(o => [o.value, o.label])
    let asked = null
    line.addEventListener('input', async () => {
      const [before, typed] = [/^(.*,\s*)?/s.exec(line.value)[0], /[^,]*$/.exec(line.value)[0].trim().toLowerCase()]
      if (asked === before + typed) return
      asked = before + typed
      const mine = asked
      let names = own
      if (line.dataset.several !== '#') {
        try { names = (await (await fetch(line.dataset.several + '?' + new URLSearchParams({ q: typed }))).json()).names?.map(n => [n, n]) ?? [] } catch { return }
        if (asked !== mine) return
      }
      const given = before.split(',').map(n => n.trim())
      list.replaceChildren(...names.filter(([v, l]) => !given.includes(v) && (v + ' ' + l).toLowerCase().includes(typed)).slice(0, 20).map(([v, l]) => new Option(l, before + v)))
    })
  }

  // ⌘ is Ctrl elsewhere.
  if (!/Mac|iPhone|iPad/.test(navigator.platform)) all('kbd').forEach(k => { k.textContent = k.textContent.replace('⌘', 'Ctrl ') })
})()
