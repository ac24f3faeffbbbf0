# dracut, before it leaves the initramfs: the drivers are there, and Anaconda has not taken /ks.cfg along yet
# (50-anaconda-copy-ks.sh). This file is sourced.
until sh /ingot/take-host; do sleep 60; done
