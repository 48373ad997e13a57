const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 as text; in a line that is none, every byte from 0x80 on stands as \xNN, so that nothing is lost or guessed. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1').split('\n').map(decodeLine).join('\n');
  }
}

function decodeLine(latin1: string): string {
  try {
    return strict.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return latin1.replace(/[\u0080-\u00ff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}
