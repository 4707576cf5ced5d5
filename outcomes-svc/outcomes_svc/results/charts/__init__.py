"""Charts as SVG and PNG. Imported when the first chart is drawn: matplotlib takes time and memory to load."""
