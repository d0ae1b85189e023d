// What a browser adds to an article: an answer is written where it will stand, a name is remembered here and nowhere else, and what is
// selected can be reported as an error. Nothing is lost without it.
(() => {
  'use strict'
  const id = name => document.getElementById(name)
  const form = id('respond')
  const { body, name, email } = form.elements
  const home = document.createComment('')
  form.before(home)

  const to = id('c-to')
  const cancel = id('c-cancel')
  const whom = to.querySelector('b')
  const described = body.getAttribute('aria-describedby')
  let link
  const back = () => {
    if (!link) return
    home.after(form)
    to.hidden = cancel.hidden = true
    form.elements.parent.remove()
    body.setAttribute('aria-describedby', described)
    link = null
  }
  const leave = () => {
    const from = link
    back()
    from?.focus()
  }
  const answer = from => {
    back()
    link = from
    const comment = from.closest('.comment')
    whom.textContent = comment.querySelector('header b').textContent
    to.hidden = cancel.hidden = false
    const parent = document.createElement('input')
    Object.assign(parent, { type: 'hidden', name: 'parent', value: from.dataset.answers })
    form.append(parent)
    body.setAttribute('aria-describedby', `c-to ${described}`)
    comment.after(form)
    body.focus()
  }
  document.addEventListener('click', e => {
    const a = e.target.closest('a')
    if (!a || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return
    if (a.hash === '#respond') back()
    if (!a.dataset.answers) return
    e.preventDefault()
    answer(a)
  })
  cancel.addEventListener('click', leave)
  form.addEventListener('keydown', e => { if (e.key === 'Escape' && link && !e.isComposing) leave() })

  const key = 'stet-reader'
  const keep = id('c-keep')
  try {
    const known = JSON.parse(localStorage.getItem(key))
    keep.parentNode.hidden = false
    if (known) {
      keep.checked = true
      name.value ||= known.name
      email.value ||= known.email
    }
    keep.addEventListener('change', () => { if (!keep.checked) localStorage.removeItem(key) })
    form.addEventListener('submit', () => { if (keep.checked) localStorage.setItem(key, JSON.stringify({ name: name.value, email: email.value })) })
  } catch { /* this browser remembers nothing */ }

  const report = id('c-report')
  const text = id('body')
  const at = report.getAttribute('href')
  document.addEventListener('selectionchange', () => {
    const chosen = getSelection()
    const quote = chosen.toString().replace(/\s+/g, ' ').trim()
    report.hidden = quote.length < 3 || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)
    if (report.hidden) return
    const box = chosen.getRangeAt(0).getBoundingClientRect()
    report.href = `${at}&quote=${encodeURIComponent([...quote].slice(0, 500).join(''))}`
    report.style.top = `${box.bottom + scrollY + 8}px`
    report.style.left = `${Math.max(8, Math.min(box.left, innerWidth - report.offsetWidth - 8))}px`
  })
})()
