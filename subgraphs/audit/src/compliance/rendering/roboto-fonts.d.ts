declare module "pdfmake/fonts/Roboto.js" {
  /** Paths of the font files. */
  const fonts: { readonly Roboto: Record<"normal" | "bold" | "italics" | "bolditalics", string> };
  export default fonts;
}
