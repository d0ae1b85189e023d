// Dragging and keys for the front page. Every change is a form that is there without this: it only fills one in and sends it.
(() => {
  'use strict'
  const main = document.querySelector('[data-front]')
  const form = document.getElementById('drag')
  if (!main || !form) return
  main.classList.add('scripted')
  const slots = [...main.querySelectorAll('[data-slot]')]
  const send = fields => {
    for (const name of ['act', 'place', 'to', 'article']) form.elements[name].value = fields[name] ?? ''
    form.requestSubmit()
  }
  // What is carried goes to a slot: from another one it changes places with what stands there, from the pool it is put there.
  const bring = (it, to) => {
    if (!to || to === it || !it.dataset.article) return
    if (it.dataset.slot) send({ act: 'move', place: it.dataset.slot, to: to.dataset.slot, article: it.dataset.article })
    else send({ act: 'put', to: to.dataset.slot, article: it.dataset.article })
  }

  // By pointer or finger, from the grip; Escape thinks better of it.
  for (const one of main.querySelectorAll('.pool [data-article]')) {
    const grip = document.createElement('span')
    grip.className = 'grip'
    grip.setAttribute('aria-hidden', 'true')
    one.append(grip)
  }
  let carried = null
  let over = null
  const aim = to => {
    if (to === over) return
    over?.classList.remove('over')
    over = to
    over?.classList.add('over')
  }
  const drop = () => {
    carried?.classList.remove('carried')
    carried = null
    aim(null)
  }
  main.addEventListener('pointerdown', e => {
    const grip = e.target.closest?.('.grip')
    if (!grip || e.button) return
    e.preventDefault()
    grip.setPointerCapture(e.pointerId)
    carried = grip.closest('[data-article]')
    carried.classList.add('carried')
  })
  main.addEventListener('pointermove', e => {
    if (!carried) return
    const under = document.elementFromPoint(e.clientX, e.clientY)?.closest('[data-slot]')
    aim(under && under !== carried ? under : null)
    const edge = 48
    if (e.clientY < edge) scrollBy(0, -12)
    else if (e.clientY > innerHeight - edge) scrollBy(0, 12)
  })
  main.addEventListener('pointerup', () => {
    const [it, to] = [carried, over]
    drop()
    if (it) bring(it, to)
  })
  main.addEventListener('pointercancel', drop)

  // Keys act on the story that has the focus. Single letters can be switched off, as everywhere.
  const quiet = () => {
    try { return localStorage.getItem('letters:' + document.querySelector('[data-person]')?.dataset.person) === 'off' } catch { return false }
  }
  document.addEventListener('keydown', e => {
    if (e.key === 'Escape' && carried) { drop(); return }
    if (e.isComposing || e.ctrlKey || e.metaKey || e.target.closest?.('input:not([type=radio]), textarea, select, [contenteditable]')) return
    const it = e.target.closest?.('[data-slot], .pool [data-article]')
    if (!it) return
    const press = selector => { const b = it.querySelector(selector); b?.click(); return !!b }
    let did = false
    if (e.altKey) {
      if (e.key === 'ArrowUp') did = press(':scope > .set [data-move=up]')
      if (e.key === 'ArrowDown') did = press(':scope > .set [data-move=down]')
    } else if (e.key === 'Delete') {
      did = press(':scope > .set [data-off]')
    } else if (!quiet() && /^[1-9]$/.test(e.key)) {
      const to = slots.find(s => s.dataset.number === e.key)
      did = !!to
      bring(it, to)
    } else if (!quiet() && e.key === 't') {
      const times = it.querySelector('details')
      if (times) { times.open = true; times.querySelector('input:not([type=hidden])').focus(); did = true }
    }
    if (did) e.preventDefault()
  })
})()
