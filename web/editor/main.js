// Stet's editor: it stands over a form's textarea, which stays the field that is sent. Without this script the textarea is the editor.
import { EditorState, Selection, TextSelection } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { DOMSerializer, Fragment } from 'prosemirror-model'
import { closeHistory, history } from 'prosemirror-history'
import { schema } from './schema.js'
import { blocksOf, captioned, documentHTML, documentOf, inert, readBlocks, visible } from './html.js'
import { at, here, ids, name } from './blocks.js'
import { adopt } from './adopt.js'
import { pasting } from './paste.js'
import { rules } from './rules.js'
import { keys } from './keys.js'
import { finding, openFind } from './find.js'
import { margin, mark, marksOf } from './margin.js'
import { slashMenu } from './menu.js'
import { toolbar } from './toolbar.js'
import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { wholeTables } from './tables.js'
import { Panels } from './panel.js'
import { openCard, openLink } from './link.js'
import { nodeOf, openPictures, pictureNode, Uploads } from './pictures.js'
import { leadPicture } from './lead.js'
import { cycleList, footnote, insert, kind, list, newTable, quote, statement } from './commands.js'
import { PictureView } from './nodes/picture.js'
import { statementView } from './nodes/statement.js'
import { AsIsView } from './nodes/asis.js'
import { FileView } from './nodes/file.js'
import { el, later } from './dom.js'
import { t, tally } from './words.js'

// How long after the last key the field is brought up to date. Sending the form doesn't wait for it.
const idle = 600

// From how many blocks on those out of sight aren't laid out.
const long = 150

// What is copied is written as it would be saved, with the blocks' ids: what is cut and pasted again is the same block.
const copied = {
  serializeFragment(fragment) {
    const out = document.createDocumentFragment()
    if (fragment.firstChild?.isBlock && fragment.firstChild.type.isInGroup('block')) {
      const doc = schema.nodes.doc.create(null, fragment)
      const body = inert(documentHTML(doc))
      captioned(body)
      out.append(...document.importNode(body, true).childNodes)
    } else {
      out.append(DOMSerializer.fromSchema(schema).serializeFragment(fragment))
    }
    return out
  },
}

class Editor {
  constructor(textarea) {
    this.textarea = textarea
    this.notice = textarea.dataset.editor === 'notice'
    this.host = el('div', { class: 'editor' })
    this.told = el('p', { class: 'hint told-here', role: 'status', hidden: true })
    this.label = textarea.labels?.[0]
    this.settle = later(() => this.html(), idle)
    this.look = later(() => this.tools.update(), 60)
    this.count = later(() => this.tally(), 250)
    textarea.hidden = true
    textarea.required = false
    textarea.after(this.host)
    this.view = this.open()
    this.panels = new Panels(this.view, this.host)
    this.uploads = new Uploads(this.host, made => this.place(made))
    this.end = el('span', { tabindex: '-1' })
    this.host.append(this.told, this.end)
    this.furnish()
    this.listen()
    textarea.stet = {
      html: () => this.html(), blocks: () => blocksOf(this.view.state.doc), block: () => here(this.view.state)?.node.attrs.id ?? '',
      adopt: (blocks, sent) => adopt(this.view, blocks, sent), load: html => this.load(html), show: id => this.show(id), mark: marks => mark(this.view, marks),
    }
    this.tell('ready')
  }

  get language() { return (this.textarea.form?.elements.language?.value || this.textarea.lang || document.documentElement.lang || 'en').trim() }

  open() {
    const first = EditorState.create({ doc: documentOf(this.textarea.value) })
    const doc = name(first)?.doc ?? first.doc
    const language = () => this.language
    this.acts = this.actions()
    return new EditorView(this.host, {
      state: EditorState.create({
        doc,
        plugins: [slashMenu(this.acts.filter(act => act.slash), this.host), rules(language), ...keys(this.keyed()), history({ newGroupDelay: 800 }), ids(),
          pasting({ take: (view, files, event) => this.take(view, files, event), say: key => this.say(t(key)) }),
          finding(), margin(marksOf(this.textarea)), gapCursor(), dropCursor({ class: 'drop', color: false, width: 2 }), wholeTables()],
      }),
      attributes: { class: doc.childCount > long ? 'text long' : 'text', id: `${this.textarea.id}-text`, role: 'textbox', 'aria-multiline': 'true', 'aria-label': this.label?.textContent || t('text'), lang: this.language, spellcheck: 'true' },
      nodeViews: {
        picture: (node, view, pos) => new PictureView(node, view, pos),
        statement: (node, view, pos) => new (statementView(language))(node, view, pos),
        file: (node, view, pos) => new FileView(node, view, pos),
        asis: (node, view, pos) => new AsIsView(node, view, pos),
      },
      clipboardSerializer: copied,
      editable: () => !this.textarea.matches(':disabled'),
      scrollMargin: { top: 120, bottom: 80, left: 0, right: 0 },
      scrollThreshold: { top: 120, bottom: 80, left: 0, right: 0 },
      dispatchTransaction: tr => this.apply(tr),
    })
  }

  apply(tr) {
    const before = this.view.state
    const after = before.apply(tr)
    this.view.updateState(after)
    if (after.doc !== before.doc) {
      this.settle()
      this.count()
      if (!this.told.hidden) this.say('')
      this.blank()
      this.tell('change')
    }
    this.look?.()
    const block = here(after)?.node.attrs.id
    if (block !== this.block) { this.block = block; this.tell('block') }
  }

  // actions are what the bar and the menu offer.
  actions() {
    const command = run => view => { run(view.state, view.dispatch, view); view.focus() }
    const node = (type, attrs, content) => view => command(insert(schema.nodes[type].createAndFill(attrs, content)))(view)
    const put = html => { const [made] = readBlocks(html); if (made) command(insert(made, false))(this.view) }
    const whole = !this.notice
    return [
      { name: 'link', tool: true, on: ['a'], run: view => openLink(view, this.panels) },
      { name: 'heading2', slash: whole, sign: '##', run: command(kind('heading', { level: 2 })) },
      { name: 'heading3', slash: whole, sign: '###', run: command(kind('heading', { level: 3 })) },
      { name: 'list', tool: true, part: true, on: ['ul', 'ol'], run: command(cycleList) },
      { name: 'bulleted', slash: true, sign: '-', run: command(list('ul')) },
      { name: 'numbered', slash: true, sign: '1.', run: command(list('ol')) },
      { name: 'quotation', tool: true, slash: true, on: ['quote'], sign: '>', run: command(quote) },
      { name: 'statement', tool: true, slash: true, on: ['statement'], run: command(statement) },
      { name: 'picture', tool: true, slash: true, run: view => this.pictures(view, p => this.place(p)) },
      { name: 'gallery', slash: whole, run: view => this.pictures(view, p => this.gather(p)) },
      { name: 'file', slash: whole, run: view => this.pictures(view, p => this.place(p), 'files') },
      { name: 'table', tool: whole, slash: whole, run: view => command(insert(newTable()))(view) },
      { name: 'card', tool: whole, slash: whole, run: view => openCard(view, this.panels, put) },
      { name: 'footnote', tool: whole, run: command(footnote) },
      { name: 'rule', slash: whole, sign: '---', run: view => node('rule')(view) },
      { name: 'code', slash: whole, sign: '```', run: command(kind('code')) },
      { name: 'note', tool: whole && !!this.noteForm, part: true, run: view => this.note(view) },
      { name: 'find', tool: whole, part: !this.noteForm, run: view => openFind(view, this.panels) },
    ]
  }

  keyed() {
    return {
      link: (_, dispatch, view) => !dispatch || openLink(view, this.panels),
      find: (_, dispatch, view) => !dispatch || openFind(view, this.panels),
      note: (_, dispatch, view) => !!this.noteForm && (!dispatch || this.note(view)),
      escape: (_, dispatch) => { if (dispatch) this.leave(); return true },
    }
  }

  pictures(view, pick, kind) { return openPictures({ panels: this.panels, at: view.state.selection.from, uploads: this.uploads, pick, kind }) }

  // place puts a picture or file where the caret is; in a gallery a picture joins the others.
  place(p) {
    if (p.width && here(this.view.state)?.node.type === schema.nodes.gallery) this.gather(p)
    else insert(nodeOf(p), false)(this.view.state, this.view.dispatch)
  }

  // gather adds a picture to the gallery at the caret, or begins one.
  gather(p) {
    const { view } = this
    const made = pictureNode(p)
    const at = here(view.state)
    const { gallery, caption } = schema.nodes
    if (at?.node.type === gallery) view.dispatch(view.state.tr.insert(at.pos + at.node.nodeSize - 1 - at.node.lastChild.nodeSize, made))
    else insert(gallery.create(null, [made, caption.create()]), false)(view.state, view.dispatch)
  }

  get noteForm() { return document.forms.note?.elements.block ? document.forms.note : null }

  note(view) {
    const { elements } = this.noteForm
    const { from, to } = view.state.selection
    elements.block.value = here(view.state)?.node.attrs.id ?? ''
    if (elements.quote) elements.quote.value = view.state.doc.textBetween(from, to, ' ')
    const area = [...elements].find(e => e.nodeName === 'TEXTAREA')
    area?.closest('details')?.setAttribute('open', '')
    area?.focus()
    return true
  }

  take(view, files, event) {
    if (event.type === 'drop') {
      const found = view.posAtCoords({ left: event.clientX, top: event.clientY })
      if (found) view.dispatch(view.state.tr.setSelection(Selection.near(view.state.doc.resolve(found.pos))))
    }
    this.uploads.take(files)
    return true
  }

  furnish() {
    this.tools = toolbar(this.view, this.acts, this.view.dom.id)
    const sheet = this.textarea.closest('.sheet')
    if (sheet) sheet.before(this.tools.bar)
    else this.host.before(this.tools.bar)
    this.tallied = sheet?.parentNode.querySelector('.tally')
    this.label?.addEventListener('click', () => this.view.focus())
    if (this.textarea.autofocus) this.view.focus()
    document.getElementById(`${this.textarea.id}-hint`)?.setAttribute('hidden', '')
    this.tally()
    this.blank()
    this.tools.update()
  }

  listen() {
    const form = this.textarea.form
    form?.addEventListener('submit', () => this.html(), { capture: true })
    form?.addEventListener('formdata', e => { if (e.formData.has(this.textarea.name)) e.formData.set(this.textarea.name, this.html()) })
    form?.elements.language?.addEventListener?.('change', () => { this.view.dom.lang = this.language })
    addEventListener('pagehide', () => this.html())
  }

  html() {
    const html = documentHTML(this.view.state.doc)
    if (this.textarea.value !== html) this.textarea.value = html
    return html
  }

  load(html) {
    const nodes = readBlocks(html)
    const { state } = this.view
    this.view.dispatch(closeHistory(state.tr.replaceWith(0, state.doc.content.size, nodes.length ? Fragment.from(nodes) : schema.nodes.paragraph.create())))
    this.html()
  }

  show(id) {
    const found = at(this.view.state.doc, id)
    if (!found) return
    const selection = Selection.findFrom(this.view.state.doc.resolve(found.pos), 1, true) ?? TextSelection.near(this.view.state.doc.resolve(found.pos))
    this.view.dispatch(this.view.state.tr.setSelection(selection))
    this.view.nodeDOM(found.pos)?.scrollIntoView({ block: 'center' })
    this.view.focus()
  }

  // leave gives up the focus so that Tab goes on after the sheet, not through the fields in it.
  leave() {
    this.end.focus({ preventScroll: true })
    this.end.blur()
  }

  say(words) { this.told.textContent = words; this.told.hidden = !words }
  tally() { if (this.tallied) this.tallied.textContent = tally(this.view.state.doc) }

  blank() {
    const { doc } = this.view.state
    this.host.classList.toggle('blank', doc.childCount === 1 && doc.firstChild.type.name === 'paragraph' && !visible(doc.firstChild.textContent))
    this.host.dataset.ghost ??= t('ghost')
  }

  tell(what) { this.textarea.dispatchEvent(new CustomEvent(`stet:${what}`, { bubbles: true })) }
}

for (const textarea of document.querySelectorAll('textarea[data-editor]')) {
  const start = performance.now()
  new Editor(textarea)
  performance.measure('stet:open', { start })
}

for (const section of document.querySelectorAll('[data-lead]')) leadPicture(section)
