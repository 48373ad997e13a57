import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import t from 'tap';
import { html, rendered, type Markup, type Piece } from '../../../harness/report/html.ts';
import { cutText, visibleText } from '../../../harness/report/visible-text.ts';

interface Parsed {
  readonly document: { readonly body: { readonly textContent: string; readonly children: { readonly length: number }; readonly firstElementChild: { getAttribute(name: string): string | null; getAttributeNames(): string[]; textContent: string } } };
}

function parsed(markup: Markup): Parsed['document']['body'] {
  return (parseHTML(`<!doctype html><html><body>${markup.toString()}</body></html>`) as unknown as Parsed).document.body;
}

t.test('whatever a value is, it stays one text and adds no element', async () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('<script>alert(1)</script>', '</style>', '<!--', ']]>', '&lt;', '&#0;')), (value) => {
    const body = parsed(html`<p>${value}</p>`);
    return body.children.length === 1 && body.firstElementChild.textContent === visibleText(value);
  }));
});

t.test('whatever a value is, it stays one attribute and adds none', async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.constantFrom('"onload=alert(1) x="', "' onload='", '"><script>', '`')), (value) => {
    const element = parsed(html`<p title="${value}">x</p>`).firstElementChild;
    return element.getAttribute('title') === visibleText(value) && element.getAttributeNames().length === 1;
  }));
});

t.test('what only looks like markup is none', async (t) => {
  const forged = JSON.parse('{"text":"<b>","toString":"x"}') as unknown as Piece;
  t.throws(() => html`<p>${forged}</p>`.toString(), 'an object of a file is no piece');
  t.equal(html`<p>${[html`<b>${'<i>'}</b>`, undefined, ' ', 3]}</p>`.toString(), '<p><b>&lt;i&gt;</b> 3</p>');
  t.equal(html`${rendered('<svg></svg>')}`.toString(), '<svg></svg>');
});

t.test('what would not be seen is made visible, and a line end and a tab stay', async (t) => {
  t.equal(visibleText('a\u001b[31mred\u001b[0m\0b\r\nc\td\re'), 'a␛[31mred␛[0m␀b\nc\td␍e');
  t.equal(visibleText('safe\u202egnp.exe\u2066\u200b'), 'safe‹U+202E›gnp.exe‹U+2066›‹U+200B›');
  t.equal(visibleText('\ud800 \u007f \u0085'), '‹U+D800› ␡ ‹U+0085›');
  t.equal(visibleText('Grüße, 日本, ✓'), 'Grüße, 日本, ✓');
});

t.test('a text that is cut says by how much and never ends in half a character', async (t) => {
  t.equal(cutText('abcdef', 6), 'abcdef');
  t.equal(cutText('abcdefg', 6), 'abcdef… (1 more characters)');
  t.equal(cutText(`abc${'😀'.repeat(9)}`, 4).startsWith('abc…'), true);
});
