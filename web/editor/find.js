// Find and replace.
import { Plugin, PluginKey, TextSelection } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import { el, later } from './dom.js'
import { t } from './words.js'

const key = new PluginKey('find')
const none = { query: '', exact: false, hits: [], at: -1, shown: DecorationSet.empty }

function hitsIn(doc, query, exact) {
  const hits = []
  if (!query) return hits
  const wanted = new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/['’]/g, "['’]").replace(/["“”„«»]/g, '["“”„«»]').replace(/\s+/g, '\\s+'), exact ? 'gu' : 'giu')
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true
    for (const m of node.textBetween(0, node.content.size, '', '\uFFFC').matchAll(wanted)) if (m[0]) hits.push({ from: pos + 1 + m.index, to: pos + 1 + m.index + m[0].length })
    return false
  })
  return hits
}

const draw = (doc, hits, at) => DecorationSet.create(doc, hits.map((h, i) => Decoration.inline(h.from, h.to, { class: i === at ? 'hit now' : 'hit' })))

export const finding = () => new Plugin({
  key,
  state: {
    init: () => none,
    apply(tr, value, _, state) {
      const asked = tr.getMeta(key)
      if (!asked && (!tr.docChanged || !value.query)) return value
      const { query, exact } = { ...value, ...asked }
      if (!query) return none
      const hits = hitsIn(state.doc, query, exact)
      const from = tr.selection.from
      const at = asked && 'at' in asked ? asked.at : hits.findIndex(h => h.from >= from)
      const now = hits.length ? (at < 0 ? 0 : at % hits.length) : -1
      return { query, exact, hits, at: now, shown: draw(state.doc, hits, now) }
    },
  },
  props: { decorations: state => key.getState(state).shown },
})

export function openFind(view, panels) {
  const words = view.state.doc.textBetween(view.state.selection.from, view.state.selection.to, ' ')
  const query = el('input', { type: 'search', 'aria-label': t('find'), placeholder: t('find'), value: words.length < 80 ? words : '', autocomplete: 'off', dir: 'auto' })
  const other = el('input', { type: 'text', 'aria-label': t('find.other'), placeholder: t('find.other'), autocomplete: 'off', dir: 'auto' })
  const exact = el('input', { type: 'checkbox', id: 'find-exact' })
  const told = el('span', { role: 'status', class: 'soft' })
  const state = () => key.getState(view.state)
  const tell = () => { const { query: q, hits, at } = state(); told.textContent = !q ? '' : hits.length ? t('find.count', at + 1, hits.length) : t('find.none') }
  const go = at => {
    const hit = state().hits[at]
    const tr = view.state.tr.setMeta(key, { at })
    if (hit) tr.setSelection(TextSelection.create(tr.doc, hit.from, hit.to)).scrollIntoView()
    view.dispatch(tr)
    tell()
  }
  const step = by => { const { hits, at } = state(); if (hits.length) go((at + by + hits.length) % hits.length) }
  const search = () => { view.dispatch(view.state.tr.setMeta(key, { query: query.value, exact: exact.checked })); if (state().hits.length) go(state().at); else tell() }
  const replace = every => {
    const { hits, at } = state()
    const tr = view.state.tr
    for (const hit of (every ? hits : hits.slice(at, at + 1)).toReversed?.() ?? (every ? [...hits] : hits.slice(at, at + 1)).reverse()) other.value ? tr.insertText(other.value, hit.from, hit.to) : tr.delete(hit.from, hit.to)
    if (tr.docChanged) view.dispatch(tr.setMeta(key, { at: Math.max(at, 0) }))
    if (every) told.textContent = t('find.replaced', hits.length)
    else if (state().hits.length) go(state().at)
    else tell()
  }
  query.addEventListener('input', later(search, 120))
  exact.addEventListener('change', search)
  query.addEventListener('keydown', e => { if (e.key === 'Enter') { e.preventDefault(); step(e.shiftKey ? -1 : 1) } })
  other.addEventListener('keydown', e => { if (e.key === 'Enter') { e.preventDefault(); replace(false) } })
  const button = (words, onclick) => el('button', { type: 'button', onclick }, words)
  panels.show('find', t('find'), null,
    el('div', { class: 'ask' }, query, told, button(t('find.back'), () => step(-1)), button(t('find.next'), () => step(1)), el('label', { class: 'soft', for: 'find-exact' }, exact, ' ', t('find.case'))),
    el('div', { class: 'ask' }, other, button(t('find.replace'), () => replace(false)), button(t('find.all'), () => replace(true))))
  panels.onclose = () => view.dispatch(view.state.tr.setMeta(key, { query: '' }))
  query.select()
  if (query.value) search()
  return true
}
