import type { Scenario, Step } from '../scenario/types.ts';
import { firstState } from './first-state.ts';
import type { Generation } from './generations.ts';
import { blocksOf, play, playBlock } from './play.ts';
import type { StepPrediction } from './prediction.ts';
import { standingsOf } from './standing.ts';
import { keyOf } from './state-key.ts';
import type { ModelState } from './state.ts';

export interface OrdersOf {
  /** Played first, in this order. */
  readonly setup: readonly Step[];
  /** What each session does, in its own order; a session is an actor's or the server's. */
  readonly sessions: ReadonlyMap<string, readonly Step[]>;
  readonly scene: Scenario;
  readonly generation: Generation;
  /** Default 200. */
  readonly mostPaths?: number;
  /** A release can be taken only when it finds something (or `count`) to release; default: always. */
  readonly needsParked?: boolean;
  /** Default 20000: states that are looked at. */
  readonly mostNodes?: number;
}

export interface Orders {
  /** Each the sessions' steps (without setup) in one order, as far as they come; each step keeps its own number. */
  readonly paths: readonly (readonly Step[])[];
  /** Transitions of the graph, and those that the paths take. */
  readonly edges: number;
  readonly covered: number;
  /** A bound was met: not every transition is taken. */
  readonly cut: boolean;
}

interface Edge {
  readonly step: Step;
  readonly to: Node;
  covered: boolean;
}

interface Node {
  readonly positions: readonly number[];
  readonly state: ModelState;
  edges: Edge[];
}

/**
 * Orders in which sessions can be played: all interleavings as a graph of (how far each session is, the model's state), and paths
 * through it from the start to an end that together take every transition. A session's step can be taken when its actor is in no
 * call; a server's always. A path that gets stuck ends there. The same given, the same paths.
 */
export function ordersOf(given: OrdersOf): Orders {
  const { mostPaths = 200, mostNodes = 20_000 } = given;
  const graph = explore(given, mostNodes);
  const paths: Step[][] = [];
  while (paths.length < mostPaths) {
    const path = nextPath(graph.start);
    if (!path) break;
    for (const edge of path) edge.covered = true;
    paths.push(path.map((edge) => edge.step));
  }
  const edges = graph.nodes.flatMap((node) => node.edges);
  const covered = edges.filter((edge) => edge.covered).length;
  return { paths, edges: edges.length, covered, cut: graph.cut || covered < edges.length };
}

function explore(given: OrdersOf, mostNodes: number): { readonly start: Node; readonly nodes: readonly Node[]; readonly cut: boolean } {
  const sessions = [...given.sessions.values()];
  let state = firstState(given.scene, given.generation);
  for (const block of blocksOf(given.setup)) ({ state } = playBlock(state, block));
  const start: Node = { positions: sessions.map(() => 0), state, edges: [] };
  const nodes = [start];
  const known = new Map([[nodeKey(start), start]]);
  let cut = false;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (!node) break;
    for (const [session, steps] of sessions.entries()) {
      const step = steps[node.positions[session] ?? 0];
      if (!step || !enabled(node.state, step)) continue;
      const played = play(node.state, step);
      if (given.needsParked && !found(step, played.prediction)) continue;
      const next: Node = { positions: node.positions.map((at, which) => (which === session ? at + 1 : at)), state: played.state, edges: [] };
      const key = nodeKey(next);
      const to = known.get(key) ?? next;
      if (to === next && nodes.length >= mostNodes) {
        cut = true;
        continue;
      }
      if (to === next) {
        known.set(key, next);
        nodes.push(next);
      }
      node.edges.push({ step, to, covered: false });
    }
  }
  return { start, nodes, cut };
}

const nodeKey = (node: Node): string => `${node.positions.join()} ${keyOf(node.state)}`;

function enabled(state: ModelState, step: Step): boolean {
  if (step.kind === 'server') return true;
  const standing = standingsOf(state).get(step.actor);
  return standing?.kind === 'idle' || standing?.kind === 'returned';
}

function found(step: Step, prediction: StepPrediction): boolean {
  return step.kind !== 'server' || step.action.kind !== 'release' || (prediction.released ?? 0) >= (step.action.count ?? 1);
}

/** A path to the nearest transition that none has taken, from there to the next and so on, and to an end. */
function nextPath(start: Node): Edge[] | undefined {
  const path: Edge[] = [];
  let node = start;
  for (;;) {
    const way = toUncovered(node, new Set(path));
    if (!way) break;
    path.push(...way);
    node = way.at(-1)?.to ?? node;
  }
  if (path.length === 0) return undefined;
  for (let [edge] = node.edges; edge; [edge] = node.edges) {
    path.push(edge);
    node = edge.to;
  }
  return path;
}

/** Breadth first; the graph has no circles, since every transition takes a step of some session. */
function toUncovered(from: Node, taken: ReadonlySet<Edge>): Edge[] | undefined {
  const seen = new Set([from]);
  let front: readonly { readonly node: Node; readonly way: readonly Edge[] }[] = [{ node: from, way: [] }];
  while (front.length > 0) {
    const next: { node: Node; way: Edge[] }[] = [];
    for (const { node, way } of front) {
      for (const edge of node.edges) {
        if (!edge.covered && !taken.has(edge)) return [...way, edge];
        if (seen.has(edge.to)) continue;
        seen.add(edge.to);
        next.push({ node: edge.to, way: [...way, edge] });
      }
    }
    front = next;
  }
  return undefined;
}
