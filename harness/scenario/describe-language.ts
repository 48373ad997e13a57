import { DioramaError } from '../errors.ts';
import { actionWords, type ActionWord } from './action-schema.ts';
import { callWords } from './call-schema.ts';
import { describeFields, alignTable } from './describe-fields.ts';
import { capabilities, initFlags, notes, opcodes, openFlags } from './fuse-names.ts';
import { exampleHead, mistakeExamples } from './mistake-examples.ts';
import { outcomeForms } from './outcome-schema.ts';
import { places } from './places.ts';
import { readScenario } from './read-scenario.ts';
import { actorShape, fileShape, measureShape, sceneShape, serverShape } from './scene-schema.ts';
import { besideForms } from './step-schema.ts';

/** docs/scenes.md: the introduction, which is written by hand, and the reference, which is what the schemas say of themselves. */
export function describeLanguage(given: { readonly intro: string }): string {
  return [
    given.intro.trimEnd(),
    '# Reference',
    'This part is made from the schemas by `./diorama docs`. A size is bytes, or a number with K, M or G (powers of 1024), up to 2^53 - 1.',
    ...sceneParts(),
    ...stepParts(),
    ...outcomeParts(),
    ...callParts(),
    ...actionParts(),
    ...mistakeParts(),
    '',
  ].join('\n\n').replace(/\n+$/, '\n');
}

function sceneParts(): string[] {
  return [
    '## The file', describeFields(sceneShape),
    'Capabilities:', alignTable([['name', 'means'], ...Object.entries(capabilities).map(([name, { meaning }]) => [`\`${name}\``, meaning])]),
    '`server`:', describeFields(serverShape), `INIT flags: ${Object.keys(initFlags).join(' ')}.`,
    'Each of `files`:', describeFields(fileShape), `FOPEN flags: ${Object.keys(openFlags).join(' ')}.`,
    'Each of `actors`:', describeFields(actorShape),
    '`measure`:', describeFields(measureShape),
  ];
}

function stepParts(): string[] {
  return [
    '## Steps', 'A step has one subject: an actor, an action, or `parallel`. Beside it may stand:',
    alignTable([['key', 'is', 'what'], ...besideForms.map(([key, type, what]) => [`\`${key}\``, type, what])]),
    `Opcodes: ${Object.keys(opcodes).join(' ')}. In \`arrives\` also ${[...notes].join(' ')}.`,
  ];
}

function outcomeParts(): string[] {
  return [
    '## Outcomes', alignTable([['outcome', 'what'], ...outcomeForms.map(([form, what]) => [`\`${form}\``, what])]),
    'Places:',
    alignTable([['place', 'it waits for'], ...Object.entries(places).map(([name, { meaning }]) => [`\`${name}\``, meaning])]),
    'Any other word is a function of the kernel that must be on its stack.',
  ];
}

function callParts(): string[] {
  const parts = Object.entries(callWords).flatMap(([word, { means, shape }]) => {
    const [operand] = Object.keys(shape);
    const alone = word === 'reap' || word === 'exit';
    const rest = Object.fromEntries(Object.entries(shape).filter(([key]) => !(alone && key === operand)));
    return [`### ${word}`, `${sentence(means)}${alone ? ` Written \`- ACTOR: ${word}\`.` : ''}`, ...(alone ? [] : [describeFields(rest)])];
  });
  return ['## Calls', 'An actor\'s step is `- ACTOR: {CALL: OPERAND, …}`; the first row of each table is the operand.', ...parts];
}

function actionParts(): string[] {
  const parts = Object.entries(actionWords).flatMap(([word, action]) => [
    `### ${word}`, `${sentence(action.means)}${formsOf(word, action)}${resultsOf(action)}`, ...(Object.keys(action.shape).length === 0 ? [] : [describeFields(action.shape)]),
  ]);
  return ['## Actions', 'What the server does, or the stage itself.', ...parts];
}

function formsOf(word: string, action: ActionWord): string {
  const forms = action.forms.length > 0 ? action.forms : [`${word}: {…}`];
  return ` Written ${forms.map((form) => `\`- ${form}\``).join(' or ')}.`;
}

function resultsOf({ results }: ActionWord): string {
  return results ? ` Its \`expect\` may be ${results.map((kind) => `\`${kind === 'fails' ? '{fails: ERRNO}' : kind}\``).join(', ')}.` : '';
}

function mistakeParts(): string[] {
  const parts = mistakeExamples.flatMap(([what, steps]) => [`${sentence(what)}`, `\`\`\`yaml\n${steps}\n\`\`\`\n\n\`\`\`\n${mistakesIn(steps).join('\n')}\n\`\`\``]);
  return [
    '## Mistakes',
    'A mistake is told with its place, all mistakes at once, before anything is built. Here every example is the `steps` of a file whose line 6 is its first.',
    ...parts,
  ];
}

/** What the reader says of wrong steps. */
export function mistakesIn(steps: string): string[] {
  try {
    readScenario(`${exampleHead}${steps}\n`, 'scene.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof DioramaError)) throw error;
    return [error.message, ...error.details];
  }
}

function sentence(text: string): string {
  return `${/^(\w+\(2\)|echo )/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)}.`;
}
