import { createRoot } from "react-dom/client";
import { Page, SignedIn, Languages } from "@northquay/design-system";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <Languages available={${{ values.languages | dump }}}>
    <SignedIn>
      <Page title={${{ values.title | dump }}} />
    </SignedIn>
  </Languages>,
);
