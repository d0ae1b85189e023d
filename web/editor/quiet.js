// Even a document that runs nothing reports styles and handlers in what it parses to the page's policy. So their names are changed before
// anything is parsed: what a style says can then be read in data-style. Tags are read as browsers read them, quotes or no quotes.
const silenced = /^(?:style|on.*)$/i

export function quiet(html) {
  let out = ''
  let done = 0
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    const name = /^<\/?[a-z][^\s/>]*/i.exec(html.slice(at, at + 64))?.[0]
    if (!name) { at++; continue }
    // A sheet of styles becomes a script, which nothing runs and nobody reads.
    if (/^<\/?style$/i.test(name)) { out += html.slice(done, at) + (name[1] === '/' ? '</script' : '<script'); done = at + name.length }
    // A base for addresses becomes an element that means nothing.
    if (/^<\/?base$/i.test(name)) { out += html.slice(done, at + name.length) + '-'; done = at + name.length }
    at += name.length
    for (;;) {
      while (at < html.length && /[\s/]/.test(html[at])) at++
      if (at >= html.length || html[at] === '>') break
      const from = at++
      while (at < html.length && !/[\s/>=]/.test(html[at])) at++
      if (silenced.test(html.slice(from, at))) { out += html.slice(done, from) + 'data-'; done = from }
      while (/\s/.test(html[at])) at++
      if (html[at] !== '=') continue
      at++
      while (/\s/.test(html[at])) at++
      const quote = html[at]
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, at + 1)
        at = end < 0 ? html.length : end + 1
      } else {
        while (at < html.length && !/[\s>]/.test(html[at])) at++
      }
    }
  }
  return out + html.slice(done)
}
