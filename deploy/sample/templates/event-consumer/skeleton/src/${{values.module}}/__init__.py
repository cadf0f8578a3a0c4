"""${{ values.name }} follows ${{ values.api }}."""
