// While an article is live, asks every quarter to half a minute what was added to it, says so, and puts it in when the reader wants it:
// nothing moves by itself. It rests while nobody looks, waits longer after each failure, and ends when the article is no longer live.
(() => {
  'use strict'
  const article = document.querySelector('[data-version]')
  const lines = [...document.querySelectorAll('[data-since]')]
  const notices = article.querySelector('.notices')
  const { since } = lines[0].dataset
  let number = +article.dataset.version
  let pause = 1
  let timer = 0
  let found = null // the newest answer that holds something
  let over = false

  const say = (text, href) => {
    for (const line of lines) {
      const a = line.querySelector('a')
      if (a.textContent === text) continue
      a.textContent = text
      a.href = href
    }
  }
  const plain = [lines[0].querySelector('a').textContent, lines[0].querySelector('a').href]

  const take = html => {
    const answer = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-number]')
    if (!answer) throw new Error('no answer')
    const first = answer.querySelector('.notice')
    if (first) {
      found = answer
      say(answer.dataset.said, '#' + first.id)
    }
    over = !('live' in answer.dataset)
    if (over) for (const line of lines) line.querySelector('b').textContent = line.dataset.over
  }

  const ask = async () => {
    timer = 0
    if (document.hidden || over) return
    try {
      const answer = await fetch(since + number)
      if (answer.status === 404 || answer.status === 410 || answer.status === 451) over = true
      else if (!answer.ok) throw new Error(answer.statusText)
      else take(await answer.text())
      pause = 1
    } catch {
      pause = Math.min(pause * 2, 16)
    }
    wait()
  }
  const wait = () => {
    if (!over && !document.hidden) timer ||= setTimeout(ask, (15 + 15 * Math.random()) * 1000 * pause)
  }

  const show = () => {
    const first = found.querySelector('.notice')
    const before = notices.querySelector('.notice')
    for (const n of [...found.children]) before ? before.before(n) : notices.append(n)
    number = +found.dataset.number
    article.dataset.version = number
    found = null
    say(...plain)
    first.tabIndex = -1
    first.focus({ preventScroll: true })
    first.scrollIntoView()
  }
  for (const line of lines) {
    line.querySelector('a').addEventListener('click', e => {
      if (!found || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return
      e.preventDefault()
      show()
    })
  }
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    timer = 0
    if (!document.hidden) ask()
  })
  wait()
})()
