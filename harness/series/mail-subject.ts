/** `n/m`; a cover letter has n 0. */
export interface Place {
  readonly n: number;
  readonly of: number;
}

/** What the subject of a mail says about its place in a series. */
export interface SubjectTag {
  /** Without the brackets that are not part of the title. */
  readonly title: string;
  readonly reply: boolean;
  /** 1 when the subject names none. */
  readonly version: number;
  readonly place?: Place;
}

const replyMark = /^(?:re|aw|sv|vs|antw|antwort|odp|回复|答复)(?:\[\d+\]|\^\d+)?\s*[:：]\s*/i;
const bracket = /^\[([^[\]]*)\]\s*/;
const placeMark = /(?<![\d.])(\d{1,4})\s*(?:\/|of)\s*(\d{1,4})(?![\d.])/i;
const versionMark = /(?:^|[\s,]|patch|rfc)v(\d{1,3})(?=$|[\s,.])/i;
const cruft = /patch|rfc|resend|repost|^v\d/i;

/**
 * Reads a decoded subject as git format-patch, git send-email, b4, patchwork (`[v2,5/5] …`) and hands write it: brackets in front,
 * several of them, the version inside or glued to PATCH.
 */
export function parseSubject(subject: string): SubjectTag {
  const { reply, brackets, rest } = takeFront(subject.trim());
  const inside = brackets.map(({ text }) => text);
  const place = firstMatch(inside, placeMark);
  const version = firstMatch(inside, versionMark) ?? firstMatch([...inside, rest], /\(v(\d{1,3})\)\s*$/i);
  const last = brackets.findLastIndex(({ text }) => cruft.test(text) || placeMark.test(text));
  const kept = brackets.slice(last + 1).map(({ written }) => written);
  return {
    title: `${kept.join('')}${rest}`.trim(),
    reply,
    version: Number(version?.[1] ?? 1),
    ...(place === undefined ? {} : { place: { n: Number(place[1]), of: Number(place[2]) } }),
  };
}

interface Bracket {
  readonly text: string;
  readonly written: string;
}

function takeFront(subject: string): { reply: boolean; brackets: Bracket[]; rest: string } {
  const brackets: Bracket[] = [];
  let reply = false;
  let rest = subject;
  for (;;) {
    const mark = replyMark.exec(rest);
    const found = bracket.exec(rest);
    if (mark) reply = true;
    else if (found) brackets.push({ text: (found[1] ?? '').trim(), written: found[0] });
    else return { reply, brackets, rest };
    rest = rest.slice((mark ?? found)?.[0].length ?? 0);
  }
}

function firstMatch(texts: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const text of texts) {
    const found = pattern.exec(text);
    if (found) return found;
  }
  return undefined;
}
