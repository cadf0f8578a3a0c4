// What a script would write with the generated types.
import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type FoundChange, ServiceDocument, ValidateDocument } from "./generated.ts";

async function ask<Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables: Variables): Promise<Result> {
  const response = await fetch(process.argv[2]!, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const answer = (await response.json()) as { data?: Result; errors?: { message: string }[] };
  if (answer.errors || !answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

const { entity } = await ask(ServiceDocument, { ref: "component:a" });
if (entity?.__typename !== "Component") throw new Error("no component");
const { validateEntity } = await ask(ValidateDocument, { input: { content: "kind: Component\n" } });
const refused: FoundChange | undefined = validateEntity?.found[0]?.change;
if (refused !== undefined && refused !== "REFUSED") throw new Error(refused);
console.log(
  JSON.stringify({
    ref: entity.ref,
    dependsOn: entity.dependsOn.nodes.map((it) => it.ref),
    valid: validateEntity?.valid,
    code: validateEntity?.problems[0]?.code,
  }),
);
