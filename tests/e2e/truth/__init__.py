"""The truth matrix: names asked in pods by the pods' own C library, against what explain says."""
