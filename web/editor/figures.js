// Reads the figures and statements of a source. Each gives null where the source holds more than the node's fields can keep; it then
// stays as it is.

const only = (el, ...names) => [...el.childNodes].every(n => n.nodeType === 3 ? !n.data.trim() : n.nodeType === 8 || names.includes(n.nodeName))
const plain = el => !el.attributes.length && [...el.childNodes].every(n => n.nodeType === 3)
const text = el => el.textContent.replace(/\s+/g, ' ').trim()

// imageOf is the picture of a figure or link, with the link around it.
function imageOf(el) {
  const img = el.nodeName === 'IMG' ? el : [...el.children].find(c => c.nodeName === 'IMG' || c.nodeName === 'A')
  if (!img) return null
  if (img.nodeName === 'A') {
    const inner = img.firstElementChild
    if (inner?.nodeName !== 'IMG' || img.childElementCount !== 1 || text(img) || !/^(https?:|mailto:|[/#])/i.test(img.getAttribute('href') || '')) return null
    return { ...imageOf(inner), href: img.getAttribute('href'), rel: img.getAttribute('rel') }
  }
  if (!/^[1-9]\d{0,17}$/.test(img.getAttribute('data-media') || '')) return null
  return { media: img.getAttribute('data-media'), alt: img.getAttribute('alt') || '' }
}

// creditOf is who made the picture, where the caption ends with it.
function creditOf(figcaption) {
  const last = figcaption?.lastChild
  return last?.nodeName === 'SPAN' && last.className === 'credit' && last.attributes.length === 1 && [...last.childNodes].every(n => n.nodeType === 3) ? last : null
}

const sizes = ['wide', 'small']

export function readPicture(el) {
  const caption = [...el.children].filter(c => c.nodeName === 'FIGCAPTION')
  if (!only(el, 'IMG', 'A', 'FIGCAPTION') || el.childElementCount !== 1 + caption.length || caption.length > 1) return false
  if (el.className && !sizes.includes(el.className) || caption.length && (el.lastElementChild !== caption[0] || caption[0].attributes.length)) return false
  const image = imageOf(el)
  return image ? { ...image, size: el.className || null, credit: text(creditOf(caption[0]) ?? document.createElement('i')) } : false
}

export function readBarePicture(el) {
  const image = imageOf(el.nodeName === 'A' ? el.parentNode.ownerDocument.createElement('p').appendChild(el.cloneNode(true)).parentNode : el)
  return image ? { ...image, bare: true } : false
}

// captionOf is the caption to be written in, without the credit.
export function captionOf(el) {
  const caption = el.nodeName === 'FIGURE' && el.querySelector(':scope > figcaption')
  if (!caption) return el.ownerDocument.createElement('figcaption')
  const copy = caption.cloneNode(true)
  const credit = creditOf(copy)
  if (credit?.previousSibling?.nodeType === 3) credit.previousSibling.data = credit.previousSibling.data.trimEnd()
  credit?.remove()
  return copy
}

export function readGallery(el) {
  const pictures = [...el.children].filter(c => c.nodeName !== 'FIGCAPTION')
  return only(el, 'FIGURE', 'IMG', 'A', 'FIGCAPTION') && pictures.length > 0 && el.childElementCount - pictures.length <= 1 &&
    (pictures.length === el.childElementCount || el.lastElementChild.nodeName === 'FIGCAPTION') &&
    pictures.every(c => c.nodeName === 'FIGURE' ? readPicture(c) : readBarePicture(c))
}

export function readTableFigure(el) {
  const order = [...el.children].map(c => c.nodeName === 'P' && c.className === 'source' ? 'source' : c.nodeName).join(' ')
  return /^(FIGCAPTION )?TABLE( source)?$/.test(order) && only(el, 'FIGCAPTION', 'TABLE', 'P') && !el.querySelector('caption')
}

const parts = ['speaker', 'role', 'source', 'asked', 'answered']

// readStatement takes a statement's footer apart: speaker, role, source, and when it was asked for and came.
export function readStatement(el) {
  const said = { speaker: '', role: '', source: '', asked: null, answered: null }
  const footer = [...el.children].filter(c => c.nodeName === 'FOOTER')
  if (!footer.length) return said
  if (footer.length > 1 || !only(footer[0], 'CITE', 'SPAN')) return false
  let last = -1
  for (const part of footer[0].children) {
    const name = part.nodeName === 'CITE' ? 'speaker' : part.className || 'source'
    const at = parts.indexOf(name)
    if (at <= last) return false
    last = at
    if (at < 3) {
      const bare = part.cloneNode(true)
      if (name === 'role') bare.removeAttribute('class')
      if (!plain(bare)) return false
      said[name] = text(part)
      continue
    }
    const time = part.querySelector(':scope > time[datetime]')
    if (!time || part.childElementCount !== 1 || time.childElementCount || part.attributes.length !== 1 || time.attributes.length !== 1) return false
    said[name] = { at: time.getAttribute('datetime'), before: part.firstChild === time ? '' : part.firstChild.data, text: time.textContent, after: part.lastChild === time ? '' : part.lastChild.data }
  }
  return said
}
