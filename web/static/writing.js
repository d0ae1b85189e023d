// Never a lost word: what is typed on an article's sheet is kept beside the draft and on this computer until it is saved, saved in place, and
// joined with what others save meanwhile. Without this file the sheet is a form that does the same, one page after another.
(() => {
  'use strict'
  const form = document.querySelector('#edit')
  const area = form?.querySelector('textarea[name=body]')
  if (!area || area.matches(':disabled')) return
  const one = (s, within = document) => within.querySelector(s)
  const word = key => one('#writing-words').getAttribute('data-say-' + key)
  const say = (key, ...args) => word(key).replace(/\{(\d)\}/g, (_, i) => args[i])
  const article = form.getAttribute('action')
  const field = name => form.elements.namedItem(name)
  const tab = field('tab').value
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('')
  const clock = at => at.toLocaleTimeString('en-GB')

  // moved is where a place in the textarea is after its text was written anew: as many signs behind the same block, not counting what only
  // the writing changes. A caret within a tag would lose what is typed next.
  const moved = (before, at) => {
    const id = [...before.slice(0, at).matchAll(/id="p-[a-z]{8}"/g)].at(-1)
    const now = area.value
    let place = id ? Math.max(0, now.indexOf(id[0])) : 0
    let signs = before.slice(id?.index ?? 0, at).replace(/id="p-[a-z]{8}"|\s+/g, '').length
    const written = /id="p-[a-z]{8}"|\s+/y
    while (signs > 0 && place < now.length) {
      written.lastIndex = place
      const skip = written.exec(now)
      if (skip) place += skip[0].length
      else { place++; signs-- }
    }
    return /\s/.test(before[at - 1]) && /[^\S\n]/.test(now[place]) ? place + 1 : place
  }

  // The body, in the editor or in the bare textarea: the same few methods.
  const bare = {
    html: () => area.value,
    blocks: () => [...new DOMParser().parseFromString(area.value, 'text/html').body.children].map(el => {
      const id = /^p-[a-z]{8}$/.test(el.id) ? el.id.slice(2) : ''
      el.removeAttribute('id')
      return { id, html: el.outerHTML }
    }),
    block: () => [...area.value.slice(0, area.selectionStart).matchAll(/<[^<>]* id="p-([a-z]{8})"/g)].at(-1)?.[1] ?? '',
    adopt(blocks, sent) {
      if (JSON.stringify(this.blocks()) !== JSON.stringify(sent)) return false
      const [before, from, to] = [area.value, area.selectionStart, area.selectionEnd]
      area.value = blocks.map(b => b.html.replace(/^<[a-z0-9]+/, tag => `${tag} id="p-${b.id}"`)).join('\n\n')
      if (document.activeElement === area) area.setSelectionRange(moved(before, from), moved(before, to))
      return true
    },
    load(html) { area.value = html },
    show(id) { const at = area.value.indexOf(`id="p-${id}"`); if (at >= 0) { area.focus(); area.setSelectionRange(at, at) } },
    mark() {},
  }
  const body = () => area.stet ?? bare

  // What stands where. Changes are counted: each place remembers up to which it has them.
  let changes = 0
  let saved = 0
  let autosaved = 0
  let copied = 0
  let since = new Date() // of the first change that isn't saved
  let pending = null // a save that was sent and not answered
  let lasting = '' // the last answer that must be said until something else happens
  let link = 'up' // up, down or out (the session ended)
  let allowed = true // an autosave that was refused isn't tried again
  let leaving = false
  let around = { others: [], head: 0 }
  const dirty = () => changes !== saved

  const line = one('[data-said]')
  const tell = text => { if (line.textContent !== text) line.textContent = text }
  const show = () => {
    const meanwhile = around.head > Number(field('revision').value)
      ? ' · ' + (around.own ? say('own-meanwhile', around.head) : say('meanwhile', around.by, around.head)) : ''
    if (pending && link === 'up') return tell(say('saving'))
    const kept = copied === changes ? say('kept-here', clock(since)) : autosaved === changes ? say('kept', clock(since)) : say('unsaved', clock(since))
    if (link === 'down') return tell(say('offline') + (dirty() ? ' · ' + kept : ''))
    if (link === 'out') return tell(say('signed-out') + (dirty() ? ' · ' + kept : ''))
    if (lasting) return tell(lasting + meanwhile)
    if (dirty()) return tell((autosaved === changes ? say('kept', clock(since)) : kept) + meanwhile)
    if (meanwhile) tell(meanwhile.slice(3))
  }

  const collect = () => {
    area.value = body().html()
    return [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== 'then')
  }
  // Whose words they are goes along: where somebody else signed in meanwhile, in this browser, the newsroom takes nothing in their name.
  const headers = () => ({ Accept: 'application/json', 'Stet-Person': form.dataset.person })
  const post = (url, fields, options = {}) => fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers: headers(), ...options })

  // The copy on this computer: one for each person, article and open form.
  const prefix = 'stet:words:'
  const place = () => `${prefix}${form.dataset.person}:${article}:${tab}`
  const copy = () => {
    if (copied === changes) return
    try {
      localStorage.setItem(place(), JSON.stringify({ at: Date.now(), fields: collect() }))
      copied = changes
    } catch { /* full, or not allowed: the line says where the words are */ }
  }
  addEventListener('storage', e => { if (e.newValue === null && (e.key === null || e.key === place())) { copied = -1; show() } }) // signed out in another tab
  const forget = key => { try { localStorage.removeItem(key) } catch { /* not allowed */ } }

  // Words that a crash or a lost line left here, of this person and article, that the page doesn't show.
  const plain = (name, value) => name === 'body' ? value.replace(/ id="p-[a-z]{8}"/g, '').replace(/\s+/g, ' ').replace(/> (?=<)/g, '>').trim() : value.replace(/\r\n/g, '\n').trim()
  const internal = ['revision', 'key', 'tab', 'held', 'stood', 'note']
  const same = fields => {
    const shown = [...new FormData(form)].filter(([n]) => !internal.includes(n) && n !== 'then').map(([n, v]) => [n, plain(n, v)])
    return JSON.stringify(shown) === JSON.stringify(fields.filter(([n]) => !internal.includes(n)).map(([n, v]) => [n, plain(n, v)]))
  }
  const left = async () => {
    const month = 30 * 24 * 60 * 60 * 1000
    const open = new Set(((await navigator.locks?.query().catch(() => null))?.held ?? []).map(l => l.name))
    const found = []
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(prefix)) continue
        let kept
        try { kept = JSON.parse(localStorage.getItem(key)) } catch { kept = null }
        if (!Array.isArray(kept?.fields) || Date.now() - kept.at > month) { forget(key); continue }
        if (!key.startsWith(`${prefix}${form.dataset.person}:${article}:`) || open.has(key)) continue
        if (same(kept.fields)) forget(key)
        else found.push({ key, ...kept })
      }
    } catch { /* not allowed */ }
    return found.sort((a, b) => b.at - a.at)
  }
  const fill = fields => {
    const values = new Map()
    for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value])
    // With its key the copy goes on from a save of its own that reached the newsroom, as long as no other page can have it open.
    const kept = navigator.locks ? ['tab', 'then'] : ['key', 'tab', 'then']
    for (const el of form.elements) {
      const v = values.get(el.name)
      if (!el.name || kept.includes(el.name) || el === area) continue
      if (el.type === 'checkbox') el.checked = !!v?.includes(el.value)
      else if (v && !(el.type === 'hidden' && v.length > 1)) el.value = v.at(-1)
    }
    body().load(values.get('body')?.[0] ?? '')
    form.dispatchEvent(new Event('stet:filled'))
  }
  const offer = async () => {
    const found = await left()
    navigator.locks?.request(place(), () => new Promise(() => {})).catch(() => {})
    const kept = found[0]
    if (!kept || changes) return
    const server = one('[data-unsaved]')
    if (server?.dataset.unsaved === kept.key.split(':').at(-1)) server.hidden = true
    const box = one('#words-left').content.firstElementChild.cloneNode(true)
    one('[data-left]', box).textContent = say('left', new Date(kept.at).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }))
    one('[data-go-on]', box).addEventListener('click', () => { fill(kept.fields); box.remove(); changed(); copy(); forget(kept.key) })
    one('[data-discard]', box).addEventListener('click', () => {
      for (const k of found) forget(k.key)
      if (server?.hidden) post(article + '/autosave', { discard: 1 }).catch(() => {})
      box.remove()
    })
    one('.split', form).before(box)
  }

  // Autosave: beside the draft, every few seconds after changes and on leaving.
  let taking = false
  let copyTimer = 0
  let autoTimer = 0
  const changed = () => {
    if (taking) return
    if (!dirty()) since = new Date()
    changes++
    lasting = ''
    clearTimeout(copyTimer)
    copyTimer = setTimeout(() => { copy(); show() }, 800)
    autoTimer ||= setTimeout(autosave, 3000)
    show()
  }
  const autosave = async () => {
    autoTimer = 0
    if (!dirty() || autosaved === changes || !allowed || pending || link === 'out') return
    const upTo = changes
    try {
      const got = await post(article + '/autosave', collect())
      met(got)
      if (got.ok) autosaved = upTo
      else if (got.status !== 401 && got.status < 500) allowed = false
    } catch { link = 'down' }
    if (changes !== autosaved && allowed) autoTimer ||= setTimeout(autosave, 5000)
    show()
  }
  const met = got => { link = got.status === 401 ? 'out' : got.status >= 500 ? 'down' : 'up' }

  // Leaving: what a request may still carry goes to the newsroom, the rest stands in the copy.
  const most = 60000
  const leave = () => {
    copy()
    if (!dirty() || autosaved === changes || !allowed || leaving) return
    const data = new URLSearchParams(collect())
    if (data.toString().length < most) fetch(article + '/autosave', { method: 'POST', body: data, keepalive: true, headers: headers() }).catch(() => {})
  }
  const gone = () => navigator.sendBeacon(article + '/presence', new URLSearchParams({ tab, gone: 1 }))
  addEventListener('pageshow', e => { if (e.persisted) { leaving = false; attend() } })
  addEventListener('pagehide', () => { leave(); gone() })
  document.addEventListener('visibilitychange', () => { if (document.hidden) { leave(); gone() } else attend() })
  addEventListener('beforeunload', e => {
    if (leaving || !dirty()) return
    copy()
    if (copied !== changes && autosaved !== changes) e.preventDefault()
  })

  // Save in place. A save that wasn't answered is sent again as it was, under its key, before anything newer is.
  let wait = 1000
  let retry = 0
  let next = ''
  let askedFor = false
  const save = async then => {
    next = then && then !== 'save' ? then : ''
    if (pending) { askedFor = true; return }
    if (!dirty() && next) return goOn()
    clearFaults()
    copy()
    const fields = collect()
    pending = { fields, upTo: changes, base: field('revision').value, blocks: body().blocks(), held: held() }
    await send()
  }
  const send = async () => {
    clearTimeout(retry)
    show()
    let got, answer
    try {
      const size = pending.fields.reduce((n, [, value]) => n + value.length, 0) // a slow line takes a long text too
      got = await post(article, pending.fields, { signal: AbortSignal.timeout(20000 + size / 4) })
      answer = await got.json()
      met(got)
    } catch { link = 'down' }
    if (link === 'down') {
      next = '' // nobody is led away when the line is back, in the middle of a sentence
      retry = setTimeout(send, wait)
      wait = Math.min(2 * wait, 30000)
      return show()
    }
    wait = 1000
    if (link === 'out') return signIn()
    const was = pending
    pending = null
    if (got.ok) taken(answer, was)
    else refused(got.status, answer, was)
    show()
  }
  addEventListener('online', () => { if (pending && link === 'down') send(); else attend() })

  const held = () => new Map(field('held').value.split(' ').filter(Boolean).map(h => h.split('@')))
  const taken = (answer, was) => {
    const theirs = new Set(answer.merged ? answer.theirs : [])
    const kept = new Map()
    const hold = name => kept.set(name, was.held.get(name) ?? was.base)
    const sent = new Map(was.blocks.map(b => [b.id, b]))
    const ids = [...theirs].filter(name => !(name in answer.fields))
    const stet = body()
    if (ids.length || stet === bare) {
      const now = answer.blocks.map(b => theirs.has(b.id) || stet === bare ? b : sent.get(b.id) ?? b)
      taking = true // what is taken over is no change of this person's
      if (!stet.adopt(now, was.blocks)) ids.forEach(hold)
      taking = false
    }
    for (const [name, value] of Object.entries(answer.fields)) {
      const before = was.fields.filter(([n]) => n === name).map(([, v]) => v).join(',')
      const is = new FormData(form).getAll(name).join(',')
      if (is !== before) hold(name)
      else for (const el of form.elements) {
        if (el.name !== name) continue
        if (el.type === 'checkbox') el.checked = value.split(',').includes(el.value)
        else if (el.type !== 'hidden' || field(name) === el) el.value = value
      }
    }
    field('held').value = [...kept].map(h => h.join('@')).join(' ')
    field('revision').value = answer.revision
    field('stood').value = new URLSearchParams(was.fields.filter(([n]) => ['comments', 'embargo', 'noindex', 'live'].includes(n)))
    field('key').value = random()
    const note = field('note')
    if (note?.value === was.fields.find(([n]) => n === 'note')?.[1]) note.value = ''
    saved = was.upTo
    allowed = true
    if (dirty()) copied = -1
    else { autosaved = copied = saved; forget(place()) }
    one('.tally', form).textContent = answer.words
    lasting = say('saved', answer.at) + (answer.merged ? ' · ' + answer.said : '')
    form.dispatchEvent(new CustomEvent('stet:saved', { bubbles: true, detail: answer }))
    const more = askedFor || (next && dirty())
    askedFor = false
    if (more && dirty()) return save(next)
    if (next) goOn()
  }
  const goOn = () => { leaving = true; location.assign(`${article}/${next}`) }
  const refused = (status, answer, was) => {
    askedFor = false
    if (status === 409 && answer.url) {
      leaving = changes === was.upTo
      if (leaving) forget(place())
      return location.assign(answer.url)
    }
    lasting = answer.error + ' ' + (copied === changes ? say('kept-here', clock(since)) : say('unsaved', clock(since)))
    if (status === 422) faults(answer.faults ?? {})
  }
  form.addEventListener('submit', e => { e.preventDefault(); save(e.submitter?.value) })

  // Faults stand at their fields, as when the page is loaded anew.
  const clearFaults = () => {
    for (const el of form.querySelectorAll('.err')) el.remove()
    for (const el of form.querySelectorAll('.bad')) el.classList.remove('bad')
    for (const el of form.querySelectorAll('[aria-invalid]')) el.removeAttribute('aria-invalid')
    one('.errs')?.remove()
  }
  const faults = all => {
    const box = document.createElement('div')
    box.className = 'errs'
    box.setAttribute('role', 'alert')
    const p = box.appendChild(document.createElement('p'))
    p.appendChild(document.createElement('b')).textContent = word('not-saved')
    for (const [name, text] of Object.entries(all)) {
      const el = document.getElementById(name)
      const at = el?.closest('.field, .line, .choice')
      const said = p.appendChild(document.createElement(at ? 'a' : 'span'))
      said.textContent = ' ' + text
      if (!at) continue
      said.href = '#' + name
      at.classList.add('bad')
      el.setAttribute('aria-invalid', 'true')
      el.setAttribute('aria-describedby', `${name}-hint ${name}-err`)
      const err = at.appendChild(document.createElement('p'))
      err.className = 'err'
      err.id = name + '-err'
      err.textContent = text
    }
    one('.split', form).before(box)
    one('[aria-invalid]', form)?.focus()
  }

  // Signing in again in place. Nothing is sent in the name of somebody else until they say so.
  const dialog = one('#sign-again')
  const door = one('form', dialog)
  const signIn = () => {
    show()
    if (!dialog.open) { step('password'); dialog.showModal() }
  }
  const step = name => {
    for (const part of dialog.querySelectorAll('[data-step]')) {
      part.hidden = part.dataset.step !== name
      for (const el of part.querySelectorAll('input, button')) el.disabled = part.hidden
    }
    one('.err', dialog).textContent = ''
    one(`[data-step=${name}] input:not([value]), [data-step=${name}] button`, dialog)?.focus()
  }
  const entered = () => {
    link = 'up'
    dialog.close()
    door.reset()
    if (pending) send()
    else { attend(); autosave() }
  }
  door.addEventListener('submit', async e => {
    e.preventDefault()
    if (e.submitter?.value === 'as-other') {
      forget(place())
      form.dataset.person = door.dataset.person
      copied = -1
      copy()
      return entered()
    }
    if (e.submitter?.value === 'as-self') return step('password')
    const err = one('.err', dialog)
    try {
      const got = await post('/newsroom/login', new FormData(door))
      const answer = await got.json()
      if (!got.ok) err.textContent = Object.values(answer.faults ?? { '': answer.error })[0]
      else if (answer.code) step('code')
      else if (String(answer.person) !== form.dataset.person) {
        door.dataset.person = answer.person
        one('[data-other]', dialog).textContent = say('other', answer.name)
        step('other')
      } else entered()
    } catch { err.textContent = say('offline') }
  })
  one('[data-later]', dialog).addEventListener('click', () => dialog.close())
  line.addEventListener('click', () => { if (link === 'out') signIn() })

  // Signing out takes the copies off this computer; what isn't saved goes to the newsroom first.
  one('form[action="/newsroom/logout"]')?.addEventListener('submit', async e => {
    if (!dirty() || autosaved === changes) return
    e.preventDefault()
    const out = e.target
    allowed = true
    await autosave()
    if (autosaved === changes || confirm(word('sign-out'))) { leaving = true; HTMLFormElement.prototype.submit.call(out) } else { copied = -1; copy() }
  })

  // Who else is here, and what they saved.
  const who = one('[data-around]')
  let attending = false
  const attend = async () => {
    if (attending || document.hidden || link === 'out') return
    attending = true
    try {
      const got = await post(article + '/presence', { tab, block: body().block() }, { signal: AbortSignal.timeout(8000) })
      const was = link
      met(got)
      if (got.ok) {
        around = await got.json()
        here()
        if (was === 'down' && pending) send()
        else if (was === 'down' && dirty()) autosave()
      }
    } catch { link = 'down' }
    attending = false
    show()
  }
  const here = () => {
    const ids = body().blocks().map(b => b.id)
    const marks = {}
    const texts = around.others.map(({ name, block }) => {
      if (block) marks[block] = [...(marks[block] ?? []), name]
      const at = ids.indexOf(block)
      return at < 0 ? say('here', name) : say('in', name, at + 1)
    })
    body().mark({ here: marks })
    const text = texts.join(' · ')
    if (who.textContent !== text) who.textContent = text
    who.hidden = !text
  }
  setInterval(attend, 2500)

  const own = e => !e.target.form || e.target.form === form // the forms beside the sheet have their fields within it
  form.addEventListener('input', e => { if (own(e)) changed() })
  form.addEventListener('change', e => { if (own(e) && e.target.matches('select, [type=checkbox], [type=radio]')) changed() })
  area.addEventListener('stet:change', changed)
  if (form.querySelector('.errs') || field('held').value || form.dataset.unsaved) changed()
  offer()
  attend()
})()
