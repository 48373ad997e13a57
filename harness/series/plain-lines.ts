/**
 * The patch with LF lines, the last one ended. CRLF of a mail program or an editor is told by the header lines, which git ends with
 * LF alone; a CR that is part of a patched file's own lines stays.
 */
export function plainLines(patch: Buffer): Buffer {
  const text = patch.toString('latin1');
  const header = /^(?:diff --git |--- [^\n]+\n\+\+\+ |@@ -\d)[^\n]*/m.exec(text)?.[0] ?? '';
  const lf = header.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  return Buffer.from(lf === '' || lf.endsWith('\n') ? lf : `${lf}\n`, 'latin1');
}
