// Marks what is new since the last visit; copies the address.
try {
  const $ = s => document.querySelector(s), at = location.pathname
  const a = $('[data-copy]'), clip = navigator.clipboard
  if (clip && a) {
    a.text = a.dataset.copy
    a.onclick = () => !clip.writeText(a.href).then(() => a.text = a.dataset.copied)
  }
  const all = () => new Map(JSON.parse(localStorage.seen || '[]'))
  const was = all().get(at), line = $('#seen')
  const news = [...document.querySelectorAll('.notice')].filter(n => n.id.slice(7) > was)
  for (const n of news) n.querySelector('p').append(' ', line.firstChild.cloneNode(true))
  if (news[0]) {
    const to = line.lastChild, said = line.dataset.said.split('|')
    to.text = said[news.length - 1] || said.pop()
    to.hash = news[0].id
    line.hidden = 0
  }
  (onpagehide = () => {
    const m = all(), n = m.get(at) || 0
    m.delete(at)
    m.set(at, Math.max(n, $('article').dataset.version))
    localStorage.seen = JSON.stringify([...m].slice(-200))
  })()
} catch {}
