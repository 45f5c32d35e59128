"""Write the JSON Schemas of the messages."""

from services.contract.schemas import schema_files

for path, content in schema_files().items():
    path.write_text(content, encoding="utf-8")
