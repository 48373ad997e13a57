import { statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface FileServer {
  readonly url: string;
  /** `GET /x bytes=5-` of every request so far. */
  readonly requests: string[];
  /** By path; may be changed while it runs. */
  readonly files: Map<string, Buffer>;
  /** Before each answer: breaks the connection after so many bytes of the body when it returns a number. */
  breakAfter: (path: string) => number | undefined;
  /**
   * The file that the client writes to. With it a connection is broken only when all that was sent is in there: what a client has
   * not taken yet is lost with its connection, and how quick it is depends on the machine's load.
   */
  writtenTo: string | undefined;
  /** Answers with this status instead when set. */
  status: number | undefined;
  etag: string | undefined;
  stop(): Promise<void>;
}

/** A loopback HTTP server with ranges that can break its connections; it is gone when the test ends. */
export async function fileServer(t: Test): Promise<FileServer> {
  const server = createServer((request, response) => answer(self, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  const self: FileServer = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests: [],
    files: new Map(),
    breakAfter: () => undefined,
    writtenTo: undefined,
    status: undefined,
    etag: '"one"',
    stop,
  };
  t.teardown(stop);
  return self;
}

function answer(server: FileServer, request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent(request.url ?? '');
  server.requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '));
  const content = server.files.get(path);
  if (server.status !== undefined || content === undefined) {
    response.writeHead(server.status ?? 404).end();
    return;
  }
  const from = startOf(server, request);
  if (from !== undefined && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${String(content.length)}` }).end();
    return;
  }
  const body = content.subarray(from ?? 0);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': body.length,
    ...(server.etag === undefined ? {} : { etag: server.etag }),
    ...(from === undefined ? {} : { 'content-range': `bytes ${String(from)}-${String(content.length - 1)}/${String(content.length)}` }),
  });
  const broken = request.method === 'HEAD' ? undefined : server.breakAfter(path);
  if (broken === undefined) response.end(request.method === 'HEAD' ? undefined : body);
  else response.write(body.subarray(0, broken), () => void breakWhenTaken(server, response, (from ?? 0) + broken));
}

async function breakWhenTaken(server: FileServer, response: ServerResponse, bytes: number): Promise<void> {
  const file = server.writtenTo;
  const taken = (): boolean => file === undefined || (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= bytes;
  while (!taken() && !response.destroyed) await new Promise((done) => setTimeout(done, 5));
  response.destroy();
}

function startOf(server: FileServer, request: IncomingMessage): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const validator = request.headers['if-range'];
  return start === undefined || (validator !== undefined && validator !== server.etag) ? undefined : Number(start);
}
