// What stands in the margin about a block: who is in it, how many notes it has, that readers haven't seen it.
import { Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import { restructured } from './blocks.js'
import { t } from './words.js'

const key = new PluginKey('margin')

function draw(doc, { here, notes, changed }) {
  const unseen = new Set(changed)
  const found = []
  doc.forEach((node, pos) => {
    const id = node.attrs.id
    const attrs = {}
    if (here[id]?.length) attrs['data-here'] = here[id].join(', ')
    if (notes[id]) attrs['data-notes'] = notes[id] === 1 ? t('notes.one') : t('notes', notes[id])
    if (unseen.has(id)) attrs['data-changed'] = ''
    if (Object.keys(attrs).length) found.push(Decoration.node(pos, pos + node.nodeSize, attrs))
  })
  return DecorationSet.create(doc, found)
}

// margin draws the marks anew when they or the blocks change; while somebody types they only move along.
export const margin = first => new Plugin({
  key,
  state: {
    init: (_, state) => ({ marks: first, shown: draw(state.doc, first) }),
    apply(tr, value, old, state) {
      const asked = tr.getMeta(key)
      const marks = asked ? { ...value.marks, ...asked } : value.marks
      if (asked || tr.docChanged && restructured(old.doc, state.doc)) return { marks, shown: draw(state.doc, marks) }
      return tr.docChanged ? { marks, shown: value.shown.map(tr.mapping, tr.doc) } : value
    },
  },
  props: { decorations: state => key.getState(state).shown },
})

export const mark = (view, marks) => view.dispatch(view.state.tr.setMeta(key, marks))

// marksOf reads the marks that the server put into the page.
export function marksOf(textarea) {
  const notes = {}
  for (const { dataset } of document.querySelectorAll('[data-note-block]')) if (dataset.noteBlock) notes[dataset.noteBlock] = (notes[dataset.noteBlock] ?? 0) + 1
  return { here: {}, notes, changed: (textarea.dataset.changed ?? '').split(/\s+/).filter(Boolean) }
}
