// The panel for a link: words find own articles, an address is taken as it is.
import { schema, mayLink } from './schema.js'
import { el, json, later } from './dom.js'
import { choices } from './panel.js'
import { t } from './words.js'

const { a } = schema.marks

// linkAround is the link at the caret or in the selection, with where it begins and ends.
export function linkAround(state) {
  const { $from, from, to } = state.selection
  const parent = $from.parent
  if (!parent.inlineContent) return null
  let found = null
  let start = $from.start()
  parent.forEach(child => {
    const mark = a.isInSet(child.marks)
    const end = start + child.nodeSize
    if (mark) {
      if (found && found.to === start && found.mark.eq(mark)) found.to = end
      else if (!found?.hit) found = { mark, from: start, to: end }
      if (found.to >= from && found.from <= to) found.hit = true
    }
    start = end
  })
  return found?.hit ? found : null
}

// addressOf reads what was typed as an address, or gives "".
export function addressOf(typed) {
  const s = typed.trim()
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(s)) return 'mailto:' + s
  if (/^(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:\/\S*)?$/i.test(s)) return 'https://' + s
  const own = s.startsWith(location.origin + '/') ? s.slice(location.origin.length) : s
  return mayLink(own) ? own : ''
}

export function openLink(view, panels) {
  const state = view.state
  if (!state.selection.$from.parent.inlineContent) return false
  const link = linkAround(state)
  const { from, to } = link ?? state.selection
  const input = el('input', { type: 'text', dir: 'auto', 'aria-label': t('link.to'), placeholder: t('link.ghost'), value: link?.mark.attrs.href ?? '', autocomplete: 'off', spellcheck: 'false' })
  const told = el('p', { class: 'hint', role: 'status' })
  const put = (href, words) => {
    const attrs = link ? { ...link.mark.attrs, href } : { href }
    const tr = view.state.tr
    if (from === to) tr.insertText(words || href, from).addMark(from, from + (words || href).length, a.create(attrs))
    else tr.removeMark(from, to, a).addMark(from, to, a.create(attrs))
    view.dispatch(tr)
    panels.close()
  }
  const pick = found => {
    if (found) return put(found.url, found.headline)
    const href = addressOf(input.value)
    if (href) put(href)
    else told.textContent = t('link.bad')
  }
  const found = choices(input, t('link.articles'), pick)
  const search = later(async () => {
    const q = input.value.trim()
    if (!q || addressOf(q)) return found.fill([], () => [])
    try {
      const { articles } = await json(`/newsroom/find?q=${encodeURIComponent(q)}`)
      if (input.value.trim() !== q) return
      found.fill(articles, one => [el('b', { dir: 'auto' }, one.headline), ' ', el('span', {}, one.url)])
      told.textContent = articles.length ? '' : t('link.none')
    } catch (e) { told.textContent = e.message }
  }, 150)
  input.addEventListener('input', () => { told.textContent = ''; search() })
  const remove = link && el('button', { type: 'button', onclick: () => { view.dispatch(view.state.tr.removeMark(from, to, a)); panels.close() } }, t('link.remove'))
  panels.show('link', t('link'), from, el('div', { class: 'ask' }, input, el('button', { type: 'button', class: 'main', onclick: () => pick(null) }, t('link.set')), remove), told, found.list)
  input.select()
  return true
}

// openCard asks for an address and puts a card of it into the text.
export function openCard(view, panels, put) {
  const input = el('input', { type: 'url', 'aria-label': t('card.of'), placeholder: 'https://', autocomplete: 'off' })
  const told = el('p', { class: 'hint', role: 'status' })
  const make = async () => {
    const href = addressOf(input.value)
    if (!/^https?:/.test(href)) { told.textContent = t('link.bad'); return }
    told.textContent = t('card.making')
    let html
    try {
      html = (await json('/newsroom/cards', { method: 'POST', body: new URLSearchParams({ url: href }) })).html
    } catch {
      // Without a card the link itself stands, in the same form.
      const p = el('p', { class: 'embed' }, el('a', { href }, el('strong', {}, href), ' ', el('span', {}, new URL(href).host)))
      html = p.outerHTML
    }
    panels.close()
    put(html)
  }
  input.addEventListener('keydown', e => { if (e.key === 'Enter') { e.preventDefault(); make() } })
  panels.show('link', t('card'), view.state.selection.from, el('div', { class: 'ask' }, input, el('button', { type: 'button', class: 'main', onclick: make }, t('card.make'))), told)
  return true
}
