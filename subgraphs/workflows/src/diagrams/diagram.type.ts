import { registerEnumType } from "type-graphql";

export enum DiagramFormat {
  SVG = "SVG",
  MERMAID = "MERMAID",
}
registerEnumType(DiagramFormat, {
  name: "DiagramFormat",
  description: "How a diagram is written.",
  valuesConfig: {
    SVG: { description: "A picture as an XML document, without scripts, styles or links: it may stand in a page as it is." },
    MERMAID: { description: "Text of a Mermaid `stateDiagram-v2`, for Markdown." },
  },
});
