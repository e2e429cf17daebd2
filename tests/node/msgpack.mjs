// SPDX-License-Identifier: GPL-3.0-or-later
// As much of msgpack as channel messages need: nil, booleans, integers, text, bytes, lists, maps with text keys.

export function pack(value) {
  const parts = [];
  const head = (...bytes) => parts.push(Buffer.from(bytes));
  const sized = (size, small, fix, codes) => {
    if (size < small) return head(fix | size);
    const buffer = Buffer.alloc(5);
    if (codes[0] && size < 256) { buffer[0] = codes[0]; buffer[1] = size; return parts.push(buffer.subarray(0, 2)); }
    if (size < 65536) { buffer[0] = codes[1]; buffer.writeUInt16BE(size, 1); return parts.push(buffer.subarray(0, 3)); }
    buffer[0] = codes[2]; buffer.writeUInt32BE(size, 1); parts.push(buffer);
  };
  const put = (one) => {
    if (one === null || one === undefined) head(0xc0);
    else if (typeof one === "boolean") head(one ? 0xc3 : 0xc2);
    else if (typeof one === "number") {
      if (one >= 0 && one < 128) return head(one);
      const buffer = Buffer.alloc(9); buffer[0] = 0xd3; buffer.writeBigInt64BE(BigInt(one), 1); parts.push(buffer);
    } else if (typeof one === "string") {
      const data = Buffer.from(one, "utf8"); sized(data.length, 32, 0xa0, [0xd9, 0xda, 0xdb]); parts.push(data);
    } else if (Buffer.isBuffer(one)) { sized(one.length, 0, 0, [0xc4, 0xc5, 0xc6]); parts.push(one); }
    else if (Array.isArray(one)) { sized(one.length, 16, 0x90, [0, 0xdc, 0xdd]); one.forEach(put); }
    else {
      const pairs = Object.entries(one); sized(pairs.length, 16, 0x80, [0, 0xde, 0xdf]);
      for (const [key, each] of pairs) { put(key); put(each); }
    }
  };
  put(value);
  return Buffer.concat(parts);
}

export function unpack(data) {
  let at = 0;
  const number = (size, signed) => { const n = signed ? data.readIntBE(at, size) : data.readUIntBE(at, size); at += size; return n; };
  const bytes = (size) => data.subarray(at, (at += size));
  const text = (size) => bytes(size).toString("utf8");
  const list = (size) => Array.from({ length: size }, take);
  const map = (size) => Object.fromEntries(Array.from({ length: size }, () => [take(), take()]));
  function take() {
    const code = data[at++];
    if (code < 0x80) return code;
    if (code < 0x90) return map(code & 15);
    if (code < 0xa0) return list(code & 15);
    if (code < 0xc0) return text(code & 31);
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return bytes(number(1 << (code - 0xc4)));
      case 0xcc: case 0xcd: case 0xce: return number(1 << (code - 0xcc));
      case 0xcf: at += 8; return Number(data.readBigUInt64BE(at - 8));
      case 0xd0: case 0xd1: case 0xd2: return number(1 << (code - 0xd0), true);
      case 0xd3: at += 8; return Number(data.readBigInt64BE(at - 8));
      case 0xd9: case 0xda: case 0xdb: return text(number(1 << (code - 0xd9)));
      case 0xdc: case 0xdd: return list(number(code === 0xdc ? 2 : 4));
      case 0xde: case 0xdf: return map(number(code === 0xde ? 2 : 4));
    }
    throw new Error(`no such thing in a message: 0x${code.toString(16)}`);
  }
  return take();
}
