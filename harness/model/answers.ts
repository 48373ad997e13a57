import type { Machine } from './machine.ts';
import { filled, lengthOf, overlaid, resized, sliced, type Runs } from './runs.ts';
import type { Reply, ServerRequest } from './state.ts';

/** MAX_FILE_BYTES in guests/stage/program.h. */
const largestFileBytes = 4 * 1024 * 1024;

/** What the stage's server answers, and what that does to its files (guests/stage/answers.c). A WRITE is stored when it is answered. */
export function answerOf(m: Machine, request: ServerRequest, given: { readonly bytes?: number }): Reply {
  const { server } = m.s;
  const file = request.file === undefined ? undefined : server.files[request.file];
  if (!file) return {};
  const at = request.at ?? 0;
  const wanted = Math.min(request.bytes ?? 0, given.bytes ?? Infinity);
  switch (request.opcode) {
    case 'LOOKUP':
      return file.absent ? { error: 'ENOENT' } : { size: lengthOf(file.bytes) };
    case 'GETATTR':
      return { size: lengthOf(file.bytes) };
    case 'SETATTR':
      if (request.size !== undefined) file.bytes = resized(file.bytes, request.size);
      return { size: lengthOf(file.bytes) };
    case 'CREATE':
    case 'OPEN':
    case 'OPENDIR':
      file.absent = false;
      if (request.size !== undefined) file.bytes = resized(file.bytes, request.size);
      return {
        handle: server.nextHandle++, fopen: file.fopen, size: lengthOf(file.bytes),
        ...(file.backing === undefined ? {} : { backing: file.backing }),
      };
    case 'READ':
      return { data: sliced(file.bytes, at, wanted) };
    case 'WRITE': {
      const data = sliced(request.data ?? [], 0, wanted);
      if (at + lengthOf(data) > largestFileBytes) return { error: 'EFBIG' };
      if (lengthOf(data) > 0) file.bytes = overlaid(file.bytes, at, data);
      return claimsTooMuch(request, given) ? { error: 'EIO' } : { bytes: lengthOf(data) };
    }
    case 'FALLOCATE': {
      const mode = String(request.more?.['mode'] ?? '');
      const end = at + (request.bytes ?? 0);
      if (!mode.includes('KEEP_SIZE') && end > lengthOf(file.bytes)) file.bytes = resized(file.bytes, end);
      if (/PUNCH_HOLE|ZERO_RANGE/.test(mode)) {
        const zeroed = Math.max(0, Math.min(end, lengthOf(file.bytes)) - at);
        if (zeroed > 0) file.bytes = overlaid(file.bytes, at, filled(0, zeroed));
      }
      return {};
    }
    case 'LSEEK': {
      const size = lengthOf(file.bytes);
      if (at >= size) return { error: 'ENXIO' };
      return { bytes: request.more?.['whence'] === 'HOLE' ? size : at };
    }
    case 'COPY_FILE_RANGE': {
      const to = server.files[String(request.more?.['to'])];
      const data = sliced(file.bytes, at, wanted);
      if (to && lengthOf(data) > 0) to.bytes = overlaid(to.bytes, Number(request.more?.['toAt'] ?? 0), data);
      return claimsTooMuch(request, given) ? { error: 'EIO' } : { bytes: lengthOf(data) };
    }
    default:
      return {};
  }
}

/** A count that is more than was asked for is no answer (fuse_send_write(), __fuse_copy_file_range()): the caller gets EIO. */
function claimsTooMuch(request: ServerRequest, given: { readonly bytes?: number }): boolean {
  return given.bytes !== undefined && given.bytes > (request.bytes ?? 0);
}

/** `length` bytes from `at` of what the server has. */
export function contentAt(m: Machine, name: { readonly file?: string; readonly backing?: string }, at: number, length: number): Runs {
  const bytes = name.backing === undefined ? m.s.server.files[name.file ?? '']?.bytes : m.s.server.backings[name.backing]?.bytes;
  return sliced(bytes ?? [], at, length);
}
