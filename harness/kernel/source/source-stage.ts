import type { Host } from '../../host/host.ts';

/** Does `work` as the stage `source`, which reused what it has when no progress was told. */
export async function sourceStage<T extends { readonly version: string; readonly origin: string }>(host: Host, specText: string, work: (host: Host) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let worked = false;
  const watched: Host = {
    ...host,
    emit: (event) => {
      worked ||= event.kind === 'stage-progress';
      host.emit(event);
    },
  };
  host.emit({ kind: 'stage-start', stage: 'source', label: specText });
  const found = await work(watched);
  host.emit({ kind: 'stage-end', stage: 'source', label: `${specText} = ${found.version} (${found.origin})`, ms: performance.now() - startedAt, reused: !worked });
  return found;
}
