import { registerEnumType } from "type-graphql";

export enum DiagramFormat {
  SVG = "SVG",
  MERMAID = "MERMAID",
}
registerEnumType(DiagramFormat, {
  name: "DiagramFormat",
  description: "Formats of a diagram.",
  valuesConfig: {
    SVG: { description: "SVG document without scripts, styles or links, safe to embed in a page." },
    MERMAID: { description: "Text of a Mermaid `stateDiagram-v2`, for Markdown." },
  },
});
