"""What a browser makes of pages and flowcharts: headless Chromium (Debian's package)."""
