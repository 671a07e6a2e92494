import { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * Gives the memory of these bytes back now; whoever still holds them holds nothing. V8 counts such memory as its own and
 * goes through its whole heap for every 10 MB of it, which costs more than what the bytes were for. Does nothing to bytes
 * that may share their memory with others.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes
  if (byteLength === 0 || !(buffer instanceof ArrayBuffer) || !isOwn(byteLength, buffer.byteLength)) return
  shrink(buffer)
}

/** Bytes of others stand in none that is filled so far: of Node's common pool nobody gets so much as a half. */
function isOwn(bytes: number, ofBytes: number): boolean {
  return bytes === ofBytes || (ofBytes >= Buffer.poolSize && bytes * 2 > ofBytes)
}

/** ECMAScript 2024, ArrayBuffer.prototype.transfer: Node 20 has none, and a port of Node 24 takes nothing more once it is closed. */
const shrink = 'transfer' in ArrayBuffer.prototype ? transfer : post

function transfer(buffer: ArrayBuffer & { transfer?: (bytes: number) => ArrayBuffer }): void {
  buffer.transfer?.(0)
}

/** What is moved to a port that nobody listens to any more is gone. */
function post(buffer: ArrayBuffer): void {
  nowhere ??= openNowhere()
  nowhere.postMessage(null, [buffer])
}

let nowhere: MessagePort | null = null

function openNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.unref()
  return port1
}
