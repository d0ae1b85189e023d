// Uploads of many files with their progress, and the point of focus by pointer and keys. Without it one plain form does the same.
(() => {
  'use strict'
  const one = (s, in_ = document) => in_.querySelector(s)
  const all = (s, in_ = document) => [...in_.querySelectorAll(s)]

  // Each file is an act of its own; two are on their way at once, the others wait.
  const form = one('#upload')
  if (form) {
    const most = 2
    const limit = 40 << 20
    const input = one('#file', form)
    const list = one('.ups', form)
    const words = form.dataset
    const waiting = []
    const taken = []
    let running = 0
    let trouble = 0

    const say = (up, text, bad = false) => { const s = one('.said', up.row); s.textContent = text; s.classList.toggle('err', bad) }
    const show = (row, what, on) => { one(what, row).hidden = !on }

    // settle leads on when nothing is on its way: by itself where all went well, by a button where something asks to be looked at.
    const settle = () => {
      if (running || waiting.length || !taken.length) return
      const to = words.words + '?ids=' + taken.join(',')
      if (trouble) { const on = one('[data-on]', form); on.hidden = false; one('a', on).href = to; return }
      leaving = true
      location.href = to
    }
    let leaving = false

    const refuse = (up, text) => {
      trouble++
      up.state = 'refused'
      say(up, text, true)
      show(up.row, 'progress', false)
      show(up.row, '[data-cancel]', false)
      show(up.row, '[data-retry]', true)
    }

    const took = (up, made) => {
      up.state = 'taken'
      taken.push(made.id)
      say(up, words.taken)
      show(up.row, 'progress', false)
      show(up.row, '[data-cancel]', false)
      if (!made.same) return
      trouble++
      const link = one('.same a', up.row)
      link.href = '/newsroom/media/' + made.same
      link.textContent = made.same
      show(up.row, '.same', true)
      one('[data-drop-new]', up.row).addEventListener('click', async () => {
        const answer = await fetch(`/newsroom/media/${made.id}/delete`, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => null)
        if (!answer?.ok) { say(up, words.failed, true); return }
        taken.splice(taken.indexOf(made.id), 1)
        trouble--
        up.row.remove()
        one('[data-on]', form).hidden = !taken.length
        settle()
      })
    }

    const next = () => {
      while (running < most && waiting.length) start(waiting.shift())
      settle()
    }

    const start = up => {
      running++
      const request = up.request = new XMLHttpRequest()
      const bar = one('progress', up.row)
      const end = what => { running--; what(); next() }
      request.open('POST', form.action)
      request.setRequestHeader('Accept', 'application/json')
      request.responseType = 'json'
      request.upload.addEventListener('progress', e => {
        if (!e.lengthComputable) return
        bar.value = e.loaded / e.total
        say(up, e.loaded < e.total ? Math.round(100 * e.loaded / e.total) + ' %' : words.looked)
      })
      request.addEventListener('error', () => end(() => refuse(up, words.lost)))
      request.addEventListener('abort', () => end(() => refuse(up, words.cut)))
      request.addEventListener('load', () => end(() => {
        const answer = request.response ?? {}
        if (request.status === 201 && answer.id) took(up, answer)
        else refuse(up, Object.values(answer.faults ?? {})[0] || answer.error || words.failed)
      }))
      const data = new FormData()
      data.append('file', up.file, up.file.name)
      up.state = 'sent'
      request.send(data)
    }

    const wait = up => {
      up.state = 'waits'
      one('progress', up.row).value = 0
      show(up.row, 'progress', true)
      show(up.row, '[data-cancel]', true)
      show(up.row, '[data-retry]', false)
      if (up.file.size > limit) { refuse(up, words.large); show(up.row, '[data-retry]', false); return }
      say(up, words.waits)
      waiting.push(up)
    }

    const take = files => {
      for (const file of files) {
        const row = one('template', form).content.firstElementChild.cloneNode(true)
        const up = { file, row, state: '' }
        one('b', row).textContent = file.name
        one('progress', row).setAttribute('aria-label', file.name)
        one('[data-cancel]', row).addEventListener('click', () => {
          if (up.state === 'sent') { up.request.abort(); return }
          waiting.splice(waiting.indexOf(up), 1)
          refuse(up, words.cut)
          settle()
        })
        one('[data-retry]', row).addEventListener('click', () => { trouble--; wait(up); next() })
        list.append(row)
        wait(up)
      }
      list.hidden = !list.children.length
      next()
    }

    form.classList.add('scripted')
    show(form, '[data-drop]', true)
    input.required = false
    input.addEventListener('change', () => { const files = [...input.files]; input.value = ''; take(files) })
    form.addEventListener('submit', e => { e.preventDefault(); input.click() })
    const carries = e => e.dataTransfer?.types.includes('Files')
    document.addEventListener('dragover', e => { if (carries(e)) { e.preventDefault(); document.body.classList.add('dropping') } })
    document.addEventListener('dragleave', e => { if (!e.relatedTarget) document.body.classList.remove('dropping') })
    document.addEventListener('drop', e => {
      if (!carries(e)) return
      e.preventDefault()
      document.body.classList.remove('dropping')
      take([...e.dataTransfer.files])
    })
    addEventListener('beforeunload', e => { if (!leaving && (running || waiting.length)) e.preventDefault() })
  }

  // The point of focus: pressed anywhere on the picture at whatever size it is drawn, or moved by the arrow keys and set by Enter.
  const focus = one('.focus.large')
  if (focus) {
    focus.classList.add('fluid')
    const picture = one('input[type=image]', focus)
    const fields = ['#focal_x', '#focal_y'].map(s => one(s))
    const said = one('[data-focus-said]')
    const point = [focus.dataset.x, focus.dataset.y].map(Number)
    const draw = () => {
      all('circle', focus).forEach(c => { c.setAttribute('cx', point[0] + '%'); c.setAttribute('cy', point[1] + '%') })
      fields.forEach((f, i) => { if (f) f.value = point[i] })
      if (said) said.textContent = said.dataset.focusSaid.replace('{0}', point[0]).replace('{1}', point[1])
    }
    const within = n => Math.max(0, Math.min(100, Math.round(n)))
    const send = () => {
      for (const [i, name] of ['x', 'y'].entries()) {
        const field = one(`[name=${name}]`, focus) ?? focus.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name }))
        field.value = point[i]
      }
      focus.submit()
    }
    picture.addEventListener('click', e => {
      e.preventDefault()
      if (e.detail) { // by pointer; Enter presses without one
        const box = picture.getBoundingClientRect()
        point[0] = within(100 * (e.clientX - box.left) / box.width)
        point[1] = within(100 * (e.clientY - box.top) / box.height)
        draw()
      }
      send()
    })
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    picture.addEventListener('keydown', e => {
      const way = ways[e.key]
      if (!way || e.ctrlKey || e.metaKey || e.altKey) return
      e.preventDefault()
      const step = e.shiftKey ? 10 : 1
      way.forEach((w, i) => { point[i] = within(point[i] + w * step) })
      draw()
    })
    fields.forEach((f, i) => f?.addEventListener('input', () => { if (f.value !== '') { point[i] = within(Number(f.value)); const v = f.value; draw(); f.value = v } }))
  }
})()
