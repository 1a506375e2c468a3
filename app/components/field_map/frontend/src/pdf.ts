/** A PDF of one page with one picture: all that printing a map needs. */

/** A4 lying down, in points. */
const PAGE = { width: 842, height: 595, margin: 24 };

/** Write a PDF around a JPEG of `width` × `height` pixels. */
export function pdf(jpeg: Uint8Array, width: number, height: number, title: string): Uint8Array<ArrayBuffer> {
  const scale = Math.min((PAGE.width - 2 * PAGE.margin) / width, (PAGE.height - 2 * PAGE.margin) / height);
  const [w, h] = [width * scale, height * scale];
  const [x, y] = [(PAGE.width - w) / 2, (PAGE.height - h) / 2];
  const content = `q ${w.toFixed(2)} 0 0 ${h.toFixed(2)} ${x.toFixed(2)} ${y.toFixed(2)} cm /P Do Q`;
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  const offsets: number[] = [];
  let size = 0;
  const put = (piece: string | Uint8Array): void => {
    const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
    pieces.push(bytes);
    size += bytes.length;
  };
  const object = (...body: (string | Uint8Array)[]): void => {
    offsets.push(size);
    put(`${offsets.length} 0 obj\n`);
    for (const piece of body) put(piece);
    put("\nendobj\n");
  };
  put("%PDF-1.4\n");
  object("<< /Type /Catalog /Pages 2 0 R >>");
  object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  object(
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}] /Contents 4 0 R`,
    " /Resources << /XObject << /P 5 0 R >> >> >>",
  );
  object(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  object(
    `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8`,
    ` /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`,
    jpeg,
    "\nendstream",
  );
  object(`<< /Title <${utf16(title)}> >>`);
  const table = size;
  put(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n`);
  for (const offset of offsets) put(`${String(offset).padStart(10, "0")} 00000 n \n`);
  put(`trailer\n<< /Size ${offsets.length + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${table}\n%%EOF\n`);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Text of a PDF: UTF-16, big end first, in hexadecimal. */
function utf16(text: string): string {
  let written = "FEFF";
  for (let place = 0; place < text.length; place++) written += text.charCodeAt(place).toString(16).padStart(4, "0");
  return written.toUpperCase();
}
