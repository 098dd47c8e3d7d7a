@echo off
chcp 65001 >nul
py "%~dp0install.py" %* || python "%~dp0install.py" %*
pause
